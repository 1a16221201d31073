import { quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { relationOf } from '../graph/graph.ts'
import { refuseAmbiguous } from './conflicts.ts'
import type { Loading } from './state.ts'
import { columnList, LINE, type LoadTable, stageOf, survivorsOf } from './tables.ts'

/**
 * Finds the target's own rows for those that the archive only names.
 * Throws OpsError `match-missing`, exit 1, listing what is not there, and `conflict-ambiguous`.
 */
export async function findMatches(loading: Loading, load: LoadTable): Promise<void> {
  const by = load.archived.matchedBy ?? []
  const same = by.map(name => `existing.${quoted(name)} = staged.${quoted(name)}`).join(' AND ')
  await loading.database.script(
    `INSERT INTO ${survivorsOf(load)} SELECT staged.${LINE}, existing.tableoid, existing.ctid, 'match' FROM ${stageOf(load)} AS staged JOIN ${relationOf(load.table)} AS existing ON ${same}`,
  )
  loading.survived.add(load)
  await refuseAmbiguous(loading, load)
  const missing = (await loading.database.script(
    `SELECT concat_ws(',', ${columnList(by, 'staged')}) AS key, ${LINE}::float8 AS line, count(*) OVER ()::float8 AS total FROM ${stageOf(load)} AS staged WHERE NOT EXISTS (SELECT FROM ${survivorsOf(load)} AS known WHERE known.line = staged.${LINE}) ORDER BY ${LINE} LIMIT 10`,
  )) as { key: string; line: number; total: number }[]
  if (missing.length === 0) return
  throw new OpsError({
    code: 'match-missing',
    message: `${load.archived.table} is matched by ${by.join(', ')}, and this database has no row for ${missing.map(({ key, line }) => `${key} (line ${line})`).join(', ')}${(missing[0]?.total ?? 0) > missing.length ? ' and others' : ''}.`,
    hint: "Make the rows first, or export with parent: 'embed' for the reference, which takes them along.",
  })
}
