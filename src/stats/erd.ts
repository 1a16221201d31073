import type { DiagramReference, DiagramTable } from '../catalog/diagram.ts'

/** A schema as a diagram's boxes and lines. */
export interface Diagram {
  readonly tables: readonly DiagramTable[]
  readonly references: readonly DiagramReference[]
}

const NO_NAME = /[^A-Za-z0-9_]/g

/** https://mermaid.js.org/syntax/entityRelationshipDiagram.html: names and types there hold no spaces. */
export function mermaid({ tables, references }: Diagram): string {
  const boxes = tables.map(table => {
    const columns = table.columns.map(column => {
      const keys = [
        ...(column.primaryKey ? ['PK'] : []),
        ...(column.foreignKey ? ['FK'] : []),
        ...(column.unique && !column.primaryKey ? ['UK'] : []),
      ]
      return `    ${word(column.type)} ${word(column.name)}${keys.length > 0 ? ` ${keys.join(', ')}` : ''}\n`
    })
    const name = titleOf(table)
    const label = name === word(name) ? '' : `["${name.replaceAll('"', '#quot;')}"]`
    return `  ${word(name)}${label} {\n${columns.join('')}  }\n`
  })
  const lines = references.map(reference => {
    const parent = titleOf({ schema: reference.referencedSchema, table: reference.referencedTable })
    const many = reference.unique ? 'o|' : 'o{'
    return `  ${word(parent)} ${reference.required ? '||' : '|o'}--${many} ${word(titleOf(reference))} : "${reference.columns.join(', ')}"\n`
  })
  return `erDiagram\n${boxes.join('')}${lines.join('')}`
}

/** https://graphviz.org/doc/info/lang.html: a box for each table, a line for each column. */
export function dot({ tables, references }: Diagram): string {
  const boxes = tables.map(table => {
    const rows = table.columns.map(
      ({ name, type, required, primaryKey }) =>
        `<tr><td align="left" port="${escaped(name)}">${primaryKey ? `<u>${escaped(name)}</u>` : escaped(name)}</td><td align="left">${escaped(type)}${required ? '' : '?'}</td></tr>`,
    )
    const head = `<tr><td colspan="2"><b>${escaped(titleOf(table))}</b></td></tr>`
    return `  ${quoted(titleOf(table))} [label=<<table border="0" cellborder="1" cellspacing="0">${head}${rows.join('')}</table>>];\n`
  })
  const lines = references.map(reference => {
    const parent = titleOf({ schema: reference.referencedSchema, table: reference.referencedTable })
    return `  ${quoted(titleOf(reference))} -> ${quoted(parent)} [label=${quoted(reference.columns.join(', '))}];\n`
  })
  return `digraph schema {\n  rankdir=LR;\n  node [shape=plain];\n${boxes.join('')}${lines.join('')}}\n`
}

/** `users`, or `app.users` outside of public. */
export function titleOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return schema === 'public' ? table : `${schema}.${table}`
}

function word(text: string): string {
  return text.replace(NO_NAME, '_')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
