import type { RunnerTask, RunnerTestSuite } from 'vitest'
import { table } from '../../src/output/blocks.ts'
import { markdown } from '../../src/output/markdown.ts'

/** What became of one command in one project on one version. */
interface Cell {
  readonly version: string
  readonly project: string
  readonly command: string
  readonly outcome: string
}

/**
 * Draws the outcomes of tests that are nested as version, project and commands: a row for each command, a column for
 * each project, and in each cell a word for each version.
 */
export function matrixOf(file: Pick<RunnerTestSuite, 'tasks'>): string {
  const cells = suitesOf(file).flatMap(version =>
    suitesOf(version).flatMap(project =>
      testsOf(project).flatMap(({ name, mode, result }) =>
        // $command comes quoted
        name
          .replaceAll("'", '')
          .split(', ')
          .map(
            (command): Cell => ({
              version: version.name,
              project: project.name,
              command,
              outcome: result?.state === 'pass' ? 'ok' : (result?.state ?? mode),
            }),
          ),
      ),
    ),
  )
  const projects = [...new Set(cells.map(({ project }) => project))]
  const versions = [...new Set(cells.map(({ version }) => version))]
  const rows = [...new Set(cells.map(({ command }) => command))].map(command => {
    const own = cells.filter(cell => cell.command === command)
    const outcomes = projects.map(project => [
      project,
      own
        .filter(cell => cell.project === project)
        .map(({ outcome }) => outcome)
        .join(' '),
    ])
    return { cells: { command, ...Object.fromEntries(outcomes) } }
  })
  const columns = [{ key: 'command', title: `command, ${versions.join(' and ')}` }].concat(
    projects.map(project => ({ key: project, title: project })),
  )
  return markdown([table(columns, rows)])
}

function suitesOf({ tasks }: Pick<RunnerTestSuite, 'tasks'>): RunnerTestSuite[] {
  return tasks.filter(task => task.type === 'suite')
}

function testsOf({ tasks }: Pick<RunnerTestSuite, 'tasks'>): RunnerTask[] {
  return tasks.flatMap(task => (task.type === 'suite' ? testsOf(task) : [task]))
}
