import { countLabels } from '../catalog/row-counts.ts'
import { type Body, nameOf, words } from '../sql/tree.ts'
import { columnOriginally, inWords, type Judging, originally, shown, showRows, tell } from './judging.ts'

export async function judgeEnum(judging: Judging, { typeName, vals }: Body<'CreateEnumStmt'>): Promise<void> {
  const { schema = 'public', name } = nameOf(words(typeName))
  const before = judging.plan.live.find(
    each => each.kind === 'enums' && each.schema === schema && each.name === name,
  )
  if (!before) return
  const lost = (before.facts.values as string[]).filter(value => !words(vals).includes(value))
  if (lost.length === 0) return
  tell(judging, `${name} loses ${lost.join(', ')}`, 'may-lose-data', 'breaks-clients')
  for (const column of judging.plan.live) {
    if (column.kind !== 'columns' || column.facts.enum !== name || column.facts.enumSchema !== schema)
      continue
    const table = { schema: column.schema, table: column.table }
    const held = await countLabels(
      judging.database,
      originally(judging.renamed, table),
      columnOriginally(judging.renamed, table, column.name),
      lost,
    )
    if (held === 0) continue
    await showRows(judging, table)
    judging.blocked = `${inWords(held, 'row')} of ${shown(table)} ${held === 1 ? 'holds' : 'hold'} ${lost.join(' or ')} in ${column.name}: change ${held === 1 ? 'it' : 'them'} first`
  }
}
