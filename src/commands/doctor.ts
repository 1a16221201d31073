import type { Command, Context } from '../command.ts'
import type { Fact } from '../doctor/fact.ts'
import { connectionFacts, migrationFacts, projectFacts, runtimeFacts } from '../doctor/project.ts'
import { serverFacts } from '../doctor/server.ts'
import { OpsError } from '../errors.ts'
import { line, table } from '../output/blocks.ts'
import { configMissing } from '../project/find.ts'
import { findProject, type Project } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface DoctorResult {
  readonly ok: boolean
  readonly facts: readonly Fact[]
  readonly problems: readonly string[]
}

interface Examination {
  readonly facts: readonly Fact[]
  readonly problems: readonly string[]
}

export const doctor: Command<object, DoctorResult> = {
  options() {},

  async run(context) {
    const parts = [{ facts: runtimeFacts(), problems: [] }, ...(await examine(context))]
    const problems = parts.flatMap(part => part.problems)
    return { ok: problems.length === 0, facts: parts.flatMap(part => part.facts), problems }
  },

  view: ({ ok, facts, problems }) => [
    table(
      [
        { key: 'name', title: 'fact' },
        { key: 'value', title: 'value' },
        { key: 'source', title: 'from' },
      ],
      facts.map(({ value, ...fact }) => ({
        cells: { ...fact, value: typeof value === 'boolean' ? (value ? 'yes' : 'no') : value },
      })),
    ),
    ...problems.map(text => line(`problem: ${text}`, 'bad')),
    line(
      ok ? 'Nothing is missing.' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`,
      ok ? 'good' : 'bad',
    ),
  ],

  exit: ({ ok }) => (ok ? 0 : 4),
}

/** A config that cannot be read is the first problem, and everything else follows from it. */
async function examine(context: Context): Promise<Examination[]> {
  let project: Project | undefined
  try {
    project = await findProject(context)
  } catch (error) {
    if (context.signal.aborted || !(error instanceof OpsError)) throw error
    return [problem(error)]
  }
  return [
    project ? { facts: projectFacts(project), problems: [] } : problem(configMissing(context.cwd)),
    ...(project ? [migrationFacts(project)] : []),
    { facts: connectionFacts(context, project), problems: [] },
    await examineServer(context, project),
  ]
}

async function examineServer(context: Context, project: Project | undefined): Promise<Examination> {
  const { statementTimeout = 5000, lockTimeout = 1000 } = context.globals
  const settings = { statementTimeout, lockTimeout, readOnly: true }
  try {
    return await withProjectDatabase(context, project, { command: 'doctor', settings }, database =>
      serverFacts(database, project),
    )
  } catch (error) {
    if (context.signal.aborted || !(error instanceof OpsError)) throw error
    return problem(error)
  }
}

function problem({ message, hint }: OpsError): Examination {
  return { facts: [], problems: [`${message} ${hint}`] }
}
