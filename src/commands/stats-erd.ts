import { diagramReferences, diagramTables } from '../catalog/diagram.ts'
import type { Command } from '../command.ts'
import { list } from '../options.ts'
import { line, table } from '../output/blocks.ts'
import { findProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import { asking, askingOptions } from '../stats/asking.ts'
import { type Diagram, dot, mermaid, titleOf } from '../stats/erd.ts'
import { matcherOf } from '../stats/globs.ts'
import { namesSchemas } from '../stats/select.ts'

interface ErdOptions {
  readonly schema?: readonly string[]
  readonly table?: readonly string[]
}

export const statsErd: Command<ErdOptions, Diagram> = {
  options(cli) {
    cli
      .option('--schema <globs>', 'only these schemas; !name leaves one out', list)
      .option('--table <globs>', 'only these tables; !name leaves one out', list)
  },

  async run(context, selection) {
    const project = await findProject(context)
    const inSchema = matcherOf(selection.schema ?? [])
    const isTable = matcherOf(selection.table ?? [])
    return withProjectDatabase(context, project, askingOptions(context), async connected => {
      const database = asking(connected)
      const scope = { everything: namesSchemas(selection), partitions: false }
      const tables = (await diagramTables(database, scope)).filter(
        each => inSchema(each.schema) && isTable(each.table),
      )
      const names = new Set(tables.map(titleOf))
      const references = (await diagramReferences(database)).filter(
        each =>
          names.has(titleOf(each)) &&
          names.has(titleOf({ schema: each.referencedSchema, table: each.referencedTable })),
      )
      return { tables, references }
    })
  },

  view: ({ tables, references }) => [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'columns', title: 'columns' },
        { key: 'references', title: 'references' },
      ],
      tables.map(each => ({
        cells: {
          table: titleOf(each),
          columns: each.columns.length,
          references: references
            .filter(reference => titleOf(reference) === titleOf(each))
            .map(({ referencedSchema, referencedTable }) =>
              titleOf({ schema: referencedSchema, table: referencedTable }),
            )
            .join(', '),
        },
      })),
    ),
    tables.length === 0 ? line('Nothing to show.', 'dim') : line('--format mermaid or dot draws it.', 'dim'),
  ],

  formats: { mermaid, dot },
}
