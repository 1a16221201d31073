import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** A function, a procedure or an aggregate. */
export interface RoutineDefinition {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  /** The types of what it takes: `integer, text`. */
  readonly arguments: string
  /** pg_proc.prokind: f, p, w or a */
  readonly kind: string
  /** As SQL; for an aggregate what CREATE AGGREGATE puts in parentheses. */
  readonly definition: string
  /** What CREATE OR REPLACE cannot change. */
  readonly shape: string
}

export async function listRoutines(database: Database): Promise<RoutineDefinition[]> {
  return database.query<RoutineDefinition>`
    SELECT routine.oid::text AS oid, namespace.nspname AS schema, routine.proname AS name,
           pg_get_function_identity_arguments(routine.oid) AS arguments, routine.prokind AS kind,
           CASE WHEN routine.prokind <> 'a' THEN pg_get_functiondef(routine.oid)
                ELSE concat_ws(', ', 'SFUNC = ' || aggregate.aggtransfn::regproc,
                               'STYPE = ' || format_type(aggregate.aggtranstype, NULL),
                               'FINALFUNC = ' || nullif(aggregate.aggfinalfn::oid, 0)::regproc,
                               'COMBINEFUNC = ' || nullif(aggregate.aggcombinefn::oid, 0)::regproc,
                               'INITCOND = ' || quote_literal(aggregate.agginitval),
                               'SORTOP = ' || (SELECT format('OPERATOR(%I.%s)', place.nspname, operator.oprname)
                                               FROM pg_catalog.pg_operator AS operator
                                               JOIN pg_catalog.pg_namespace AS place ON place.oid = operator.oprnamespace
                                               WHERE operator.oid = aggregate.aggsortop),
                               CASE WHEN routine.proparallel = 's' THEN 'PARALLEL = SAFE' END)
           END AS definition,
           concat(routine.prokind, pg_get_function_result(routine.oid), routine.proargnames) AS shape
    FROM pg_catalog.pg_proc AS routine
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = routine.pronamespace
    LEFT JOIN pg_catalog.pg_aggregate AS aggregate ON aggregate.aggfnoid = routine.oid
    WHERE namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      -- those of a range come and go with it
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_proc'::regclass AND member.objid = routine.oid
                        AND member.deptype IN ('e', 'i'))
    ORDER BY schema, name, arguments`
}
