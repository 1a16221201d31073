import type { Command } from '../command.ts'
import { OpsError } from '../errors.ts'
import { findTable } from '../graph/find-table.ts'
import { viewImported } from '../load/view.ts'
import { openProject } from '../project/project.ts'
import { declareImport, type ImportOptions, type ImportResult, runImport } from './import.ts'
import { projectTable } from './project-export.ts'

export const projectImport: Command<ImportOptions, ImportResult> = {
  options: declareImport,

  async run(context, options) {
    const project = await openProject(context)
    const name = projectTable(project)
    return runImport(context, project, options, ({ graph, root }) => {
      const table = findTable(graph, name)
      if (root === table) return
      throw new OpsError({
        code: 'archive-foreign',
        message: `${options.file} is an archive of ${root.title}, and projects are in ${table.title}.`,
        hint: `Import it with drizzle-ops import ${options.file}.`,
        exit: 2,
      })
    })
  },

  view: viewImported,
}
