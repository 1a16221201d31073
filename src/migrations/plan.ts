import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { type MigrationScript, readMigrationScript } from './apply.ts'
import type { Migration } from './folder.ts'
import { inspect } from './inspect.ts'
import { countApplied, type PendingLimits, pendingOf } from './pending.ts'
import { type PlannedFile, planScripts } from './plan-statements.ts'
import { refuseDoubtfulHistory, refuseOutside } from './refuse.ts'

/** Which migrations a plan is about. */
export interface PlanLimits extends PendingLimits {
  readonly transaction: 'file' | 'all'
  /** Whether dangerous statements would stop the run. */
  readonly lint?: boolean
}

export interface Plan {
  readonly files: readonly PlannedFile[]
  /** Why `migrate` would refuse to run. Empty: it would run. */
  readonly findings: readonly Finding[]
  readonly alreadyApplied: number
}

export interface Finding {
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** Says what `migrate` would do, statement by statement. Never writes, and waits for nobody's lock. */
export async function planMigrations(
  context: Context,
  database: Database,
  project: Project,
  limits: PlanLimits,
): Promise<Plan> {
  context.report.progress('Planning')
  const seen = await inspect(database, project)
  const read = pendingOf(seen, limits).map(readOrSay)
  const scripts = read.flatMap(each => ('script' in each ? each : []))
  const { files } = await planScripts(database, project.migrationsTable, scripts, limits.transaction)
  return {
    files: read.map(
      each =>
        files.find(({ name }) => name === nameOf(each)) ?? {
          name: nameOf(each),
          transaction: 'file',
          statements: [],
        },
    ),
    findings: [
      ...refusals(() => refuseDoubtfulHistory(seen, limits.allow)),
      ...read.flatMap(each => ('finding' in each ? each.finding : [])),
      ...transactionFindings(database, scripts, limits),
      ...(await lintFindings(context, database, project, scripts, limits)),
    ],
    alreadyApplied: countApplied(seen),
  }
}

type Read = MigrationScript | { readonly migration: Migration; readonly finding: Finding }

function readOrSay(migration: Migration): Read {
  const [finding] = refusals(() => void readMigrationScript(migration))
  return finding ? { migration, finding } : readMigrationScript(migration)
}

function nameOf({ migration }: Read): string {
  return migration.name
}

/** What a check that throws would say. */
function refusals(check: () => void): Finding[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof OpsError)) throw error
    return [findingOf(error)]
  }
}

function findingOf({ code, message, hint }: OpsError): Finding {
  return { code, message, hint }
}

async function lintFindings(
  context: Context,
  database: Database,
  project: Project,
  scripts: readonly MigrationScript[],
  { lint, allow }: PlanLimits,
): Promise<Finding[]> {
  if (!lint || allow.includes('lint') || scripts.length === 0) return []
  const { lintPending, refusalOf } = await import('../lint/before-migrate.ts')
  const pending = scripts.map(({ migration }) => migration)
  const refusal = refusalOf(await lintPending(context, database, project, pending))
  return refusal ? [findingOf(refusal)] : []
}

function transactionFindings(
  { server }: Database,
  scripts: readonly MigrationScript[],
  { transaction }: PlanLimits,
): Finding[] {
  if (server.pooler === 'transaction') {
    const outside = scripts.find(({ script }) => script.mode !== 'file')?.migration.name
    if (transaction === 'all') return [findingOf(sessionNeeded('--tx all'))]
    return outside ? [findingOf(sessionNeeded(`${outside}, which cannot run in a transaction,`))] : []
  }
  return transaction === 'all' ? refusals(() => refuseOutside(scripts)) : []
}
