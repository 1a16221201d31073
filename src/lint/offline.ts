import type { TypeRow } from '../catalog/types.ts'
import type { CatalogFacts } from '../sql/facts.ts'

/** The types of pg_catalog that migrations use, by their numbers, each with that of its array. */
const TYPES: readonly (readonly [name: string, oid: number, array: number])[] = [
  ['bool', 16, 1000],
  ['bytea', 17, 1001],
  ['char', 18, 1002],
  ['name', 19, 1003],
  ['int8', 20, 1016],
  ['int2', 21, 1005],
  ['int4', 23, 1007],
  ['text', 25, 1009],
  ['oid', 26, 1028],
  ['json', 114, 199],
  ['xml', 142, 143],
  ['point', 600, 1017],
  ['line', 628, 629],
  ['cidr', 650, 651],
  ['float4', 700, 1021],
  ['float8', 701, 1022],
  ['macaddr8', 774, 775],
  ['money', 790, 791],
  ['macaddr', 829, 1040],
  ['inet', 869, 1041],
  ['bpchar', 1042, 1014],
  ['varchar', 1043, 1015],
  ['date', 1082, 1182],
  ['time', 1083, 1183],
  ['timestamp', 1114, 1115],
  ['timestamptz', 1184, 1185],
  ['interval', 1186, 1187],
  ['timetz', 1266, 1270],
  ['bit', 1560, 1561],
  ['varbit', 1562, 1563],
  ['numeric', 1700, 1231],
  ['uuid', 2950, 2951],
  ['tsvector', 3614, 3643],
  ['tsquery', 3615, 3645],
  ['jsonb', 3802, 3807],
]

/** Functions that give the same for every row of a statement; others are taken for volatile. */
const STEADY = [
  'abs',
  'array_append',
  'array_length',
  'btrim',
  'concat',
  'current_setting',
  'date_part',
  'date_trunc',
  'extract',
  'format',
  'jsonb_build_array',
  'jsonb_build_object',
  'json_build_array',
  'json_build_object',
  'lower',
  'make_interval',
  'md5',
  'now',
  'statement_timestamp',
  'timezone',
  'to_jsonb',
  'to_json',
  'to_timestamp',
  'to_tsvector',
  'transaction_timestamp',
  'upper',
]

/** Pairs of types whose values are the same bytes. */
const BINARY_CASTS = [
  '25>1042',
  '25>1043',
  '1043>25',
  '1043>1042',
  '650>869',
  '1560>1562',
  '1562>1560',
  '142>25',
  '142>1043',
]

/** A database with nothing in it, for where no server is asked. */
export const EMPTY: CatalogFacts = {
  searchPath: ['public'],
  timeZone: 'UTC',
  relations: [],
  constraints: [],
  uses: [],
  triggers: [],
  statistics: [],
  columns: [],
  types: TYPES.flatMap(([name, oid, array]) => [typeRow(name, oid, 0), typeRow(`_${name}`, array, oid)]),
  typeUses: [],
  functions: STEADY.map(name => ({ name, volatile: false, system: true })),
  binaryCasts: BINARY_CASTS,
}

function typeRow(name: string, oid: number, element: number): TypeRow {
  return {
    oid: String(oid),
    schema: 'pg_catalog',
    name,
    base: '0',
    baseModifier: -1,
    element: String(element),
    constrained: false,
  }
}
