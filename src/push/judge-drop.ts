import type { DropStmt } from 'libpg-query'
import { nameOf, wordsOf } from '../sql/tree.ts'
import { CASCADES, inWords, type Judging, shown, tell } from './judging.ts'

const DROPPED: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'view',
  OBJECT_TYPE: 'type',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
  OBJECT_SCHEMA: 'schema',
  OBJECT_POLICY: 'policy',
}
const USED_BY_CLIENTS = ['table', 'view', 'sequence', 'schema']

export async function judgeDrop(
  judging: Judging,
  { objects = [], removeType = 'OBJECT_TABLE', behavior }: DropStmt,
): Promise<void> {
  const kind = DROPPED[removeType] ?? 'object'
  // nothing rests on a policy
  if (behavior === 'DROP_CASCADE' && kind !== 'policy') judging.blocked = CASCADES
  for (const object of objects) {
    const parts = 'String' in object ? [object.String.sval ?? ''] : wordsOf(object)
    const { schema = kind === 'schema' ? '' : 'public', name } = nameOf(parts)
    const isMadeAnew = judging.made.has(kind === 'schema' ? `schema ${name}` : `${kind} ${schema}.${name}`)
    if (isMadeAnew || judging.made.has(`${kind} ${name}`)) continue
    tell(judging, `the ${kind} ${name} goes`, 'drops-object')
    if (USED_BY_CLIENTS.includes(kind)) judging.hazards.add('breaks-clients')
    if (kind !== 'table') continue
    const rows = await judging.counted.rows({ schema, table: name })
    if (rows === 0) continue
    judging.tables.set(shown({ schema, table: name }), rows)
    tell(judging, `its ${inWords(rows, 'row')} ${rows === 1 ? 'goes' : 'go'}`, 'deletes-data')
  }
}
