import type { Command } from '../command.ts'
import { OpsError } from '../errors.ts'
import { openProject, type Project } from '../project/project.ts'
import { declareExport, type ExportOptions, type ExportResult, runExport, viewResult } from './export.ts'

interface ProjectExportArguments extends ExportOptions {
  readonly id: readonly string[]
}

export const projectExport: Command<ProjectExportArguments, ExportResult> = {
  options(cli) {
    cli.argument('<id...>', 'the keys of the projects to export')
    declareExport(cli)
  },

  async run(context, { id, ...options }) {
    const project = await openProject(context)
    return runExport(context, project, projectTable(project), id, options)
  },

  view: viewResult,
}

/** The table that holds projects. Throws OpsError `root-unknown`, exit 2. */
export function projectTable({ ops, configFile }: Pick<Project, 'ops' | 'configFile'>): string {
  const table = ops.graph?.roots?.project
  if (table !== undefined) return table
  throw new OpsError({
    code: 'root-unknown',
    message: `${configFile} does not say which table holds projects.`,
    hint: "Add graph: { roots: { project: '<table>' } } to its ops, or use drizzle-ops export <table> <key>.",
    exit: 2,
  })
}
