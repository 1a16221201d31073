import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import type { Finding } from '../lint/finding.ts'
import type { Project } from '../project/project.ts'

/** What lint has to say of a migration that has just been written. It stops nothing: where it cannot look, it warns. */
export async function findingsOf(
  context: Context,
  project: Project,
  file: string,
  name: string,
): Promise<readonly Finding[]> {
  const { lint } = await import('../lint/run.ts')
  const { lintJournal } = await import('../lint/journal.ts')
  const { levelsOf } = await import('../lint/levels.ts')
  const { shownIn } = await import('../lint/select.ts')
  try {
    const { findings } = await lint(context, project, { files: [file] })
    const ofJournal = lintJournal(project.out, levelsOf(project), shownIn(context.cwd))
    return [...ofJournal.filter(({ message }) => message.startsWith(`${name} `)), ...findings]
  } catch (error) {
    if (context.signal.aborted || !(error instanceof OpsError)) throw error
    context.report.warn(`${name} was not linted: ${error.message}`)
    return []
  }
}
