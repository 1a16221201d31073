import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { suggestion } from '../suggestion.ts'
import { CATALOGUE } from './catalogue.ts'
import type { StatsReport } from './report.ts'

/**
 * All reports of a project: the catalogue's, the platform's where it is one, and those of `ops.stats`. Whoever takes
 * a name of the catalogue's leaves its report the name `server-<name>`.
 */
export async function reportsOf(project: Project | undefined): Promise<readonly StatsReport[]> {
  const platform = project?.ops.platform ? (await import('../platform/stats/reports.ts')).platformReports : []
  const named = project?.ops.stats ? (await import('./named.ts')).namedReports(project.ops.stats) : []
  const own = [...platform.filter(({ name }) => !named.some(query => query.name === name)), ...named]
  const taken = new Set(own.map(({ name }) => name))
  const built = CATALOGUE.map(report =>
    taken.has(report.name) ? { ...report, name: `server-${report.name}` } : report,
  )
  return [...built, ...own]
}

/** The report of that name. Throws OpsError `usage`, exit 2. */
export function reportNamed(reports: readonly StatsReport[], name: string): StatsReport {
  const found = reports.find(report => report.name === name)
  if (found) return found
  const names = reports.map(report => report.name)
  throw new OpsError({
    code: 'usage',
    message: `There is no report ${name}.`,
    hint: suggestion(name, names, 'drizzle-ops stats list names them all.'),
    exit: 2,
  })
}
