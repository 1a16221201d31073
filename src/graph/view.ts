import { type Block, line, table } from '../output/blocks.ts'
import { bytes } from '../output/words.ts'
import type { Explanation } from './explain.ts'
import type { Exported } from './export.ts'

/** What there is to say of an archive beyond its rows. */
export function notesOf({ redacted, masked, embedded, cleared, crossing }: Exported): string[] {
  return [
    ...(redacted.length > 0 ? [`Redacted: ${redacted.join(', ')}.`] : []),
    ...(masked.length > 0 ? [`Masked: ${masked.join(', ')}.`] : []),
    ...embedded.map(each => `Embedded: ${rowsOf(each.rows)} of ${each.table}, which exported rows need.`),
    ...cleared.map(
      each => `NULL in ${rowsOf(each.rows)}: ${each.reference}, whose rows are not in the archive.`,
    ),
    ...crossing.map(
      each =>
        `${each.taken ? 'Taken along' : 'Left out'}: ${rowsOf(each.rows)} of ${each.table} that ${each.rows === 1 ? 'belongs' : 'belong'} to another root, reached by ${each.reference}.`,
    ),
  ]
}

/** What an export to a file tells. */
export function viewExported(result: Exported & { readonly file: string; readonly bytes: number }): Block[] {
  const total = result.tables.reduce((sum, each) => sum + each.rows, 0)
  return [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'rows', title: 'rows' },
      ],
      result.tables.map(({ table: name, rows }) => ({ cells: { table: name, rows } })),
    ),
    ...notesOf(result).map(text => line(text)),
    line(`Exported ${rowsOf(total)} to ${result.file} (${bytes(result.bytes)}).`, 'good'),
  ]
}

/** A tree of the tables, what has to be known of their parents, and the way of a row. */
export function viewExplanation({ root, tables, missingIndexes, way }: Explanation): Block[] {
  const [first] = tables
  const others = tables.filter(({ role }) => role !== 'owned')
  const asked = root.key === null ? '' : ` ${[root.key].flat().join(' ')}`
  return [
    ...(first
      ? [
          line(`${first.table}${asked}${countOf(first)}`, 'strong'),
          ...branches(tables, first.table, [first.table], ''),
        ]
      : []),
    ...others.map(each => line(`${each.table}${countOf(each)}  ${each.role} by ${names(each)}`)),
    ...tables
      .flatMap(({ parents }) => parents)
      .filter(({ policy }) => policy !== 'owned' && policy !== 'embed' && policy !== 'match')
      .map(({ reference, policy, table: parent }) =>
        line(POLICIES[policy]?.(reference, parent) ?? '', 'dim'),
      ),
    ...missingIndexes.map(({ reference, table: child, sql }) =>
      line(
        sql === null
          ? `No index can help to follow ${reference}: all of ${child} is read.`
          : `No index helps to follow ${reference}: ${sql};`,
        'warn',
      ),
    ),
    ...(way
      ? [line('The way of that row:', 'strong'), ...way.map((step, depth) => line(stepText(step, depth)))]
      : []),
  ]
}

const POLICIES: Readonly<Record<string, (reference: string, table: string) => string>> = {
  null: (reference, parent) =>
    `${reference} is NULL where its row of ${parent} is not exported for another reason.`,
  map: reference => `${reference} is what import --owner says.`,
  require: (reference, parent) =>
    `${reference} keeps its value: the target has to have that row of ${parent}.`,
}

type Shown = Explanation['tables'][number]

/** The tables that come by the rows of `parent`, each once: where it is reached first. */
function branches(tables: readonly Shown[], parent: string, drawn: string[], indent: string): Block[] {
  const children = tables.filter(
    each =>
      each.role === 'owned' &&
      !drawn.includes(each.table) &&
      each.through.some(({ table: from }) => from === parent),
  )
  drawn.push(...children.map(each => each.table))
  return children.flatMap((each, index) => {
    const last = index === children.length - 1
    return [
      line(`${indent}${last ? '└' : '├'} ${each.table}${countOf(each)}  by ${names(each)}`),
      ...branches(tables, each.table, drawn, `${indent}${last ? ' ' : '│'} `),
    ]
  })
}

function countOf({ rows, estimate }: Shown): string {
  if (rows !== null) return `: ${rowsOf(rows)}`
  return estimate === null ? '' : `, of about ${rowsOf(estimate)}`
}

function names({ through }: Shown): string {
  return through.map(({ reference }) => reference).join(', ')
}

function stepText(
  { table: name, key, reference }: NonNullable<Explanation['way']>[number],
  depth: number,
): string {
  return `${'  '.repeat(depth)}${name} ${key}${reference === null ? '' : `, by ${reference}`}`
}

function rowsOf(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`
}
