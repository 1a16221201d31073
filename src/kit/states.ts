import type { Value } from '../migrations/derive-entities.ts'
import type { Layout } from '../migrations/folder.ts'

/** The parent of a first snapshot. */
export const ORIGIN = '00000000-0000-0000-0000-000000000000'

const NOTHING_NAMED: Value = {
  version: '7',
  dialect: 'postgresql',
  id: ORIGIN,
  prevId: '',
  tables: {},
  enums: {},
  schemas: {},
  sequences: {},
  roles: {},
  policies: {},
  views: {},
  _meta: { schemas: {}, tables: {}, columns: {} },
}

const NOTHING_FLAT: Value = { version: '9', dialect: 'postgres', id: ORIGIN, prevIds: [ORIGIN], ddl: [] }

/** The state of a database that holds nothing. */
export function emptyState(layout: Layout): Value {
  return layout === 'journal' ? NOTHING_NAMED : NOTHING_FLAT
}
