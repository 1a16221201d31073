import { readDefinitions } from '../catalog/definitions/read.ts'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { readMigrations } from '../migrations/folder.ts'
import { inspect } from '../migrations/inspect.ts'
import type { Project } from '../project/project.ts'
import type { Target } from '../project/target.ts'
import { databaseDifferences, sideOptions } from './database.ts'
import {
  COMPARISONS,
  type Compared,
  type Comparison,
  type ComparisonName,
  compared,
  type Difference,
  unknown,
} from './difference.ts'
import { expectationOf } from './expectation.ts'
import { historyDifferences } from './history.ts'
import { type Ignoring, ignoring } from './ignore.ts'
import { isUnknown, type Live, type ScratchKind } from './scratch/scratch.ts'
import { sideOf } from './side.ts'

export interface DriftReport {
  readonly status: Comparison['status']
  readonly comparisons: readonly Comparison[]
  /** Where the expected catalog was built. */
  readonly scratch: ScratchKind | null
  /** In the order in which their SQL can run. */
  readonly differences: readonly Difference[]
  /** How many differences `ops.drift.ignore` has passed over, and its entries that matched none. */
  readonly ignored: number
  readonly unusedIgnores: readonly string[]
}

export interface DriftWish {
  readonly only: readonly ComparisonName[]
  readonly privileges: boolean
  readonly shadow: Target | undefined
}

type Answer = Compared & { readonly scratch?: ScratchKind }

/** Answers what was asked. `live` is opened only where a comparison needs a database. */
export async function findDrift(
  context: Context,
  project: Project,
  wish: DriftWish,
  withLive: (work: (live: Live) => Promise<Answer[]>) => Promise<Answer[]>,
): Promise<DriftReport> {
  const ignore = ignoring(project.ops.drift?.ignore ?? [], project.configFile)
  // drizzle-kit and the server can be at work at the same time
  const outcomes = await Promise.allSettled([
    wish.only.includes('code') ? compareCode(context, project, ignore).then(answer => [answer]) : [],
    wish.only.some(name => name !== 'code')
      ? withLive(live => compareLive(context, project, live, wish, ignore))
      : [],
  ])
  const answers = outcomes.flatMap((outcome): Answer[] => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
  const comparisons = answers.map(({ comparison }) => comparison)
  return {
    status: overall(comparisons),
    comparisons,
    scratch: answers.find(({ scratch }) => scratch)?.scratch ?? null,
    differences: answers.flatMap(({ differences }) => differences),
    ignored: ignore.count(),
    // what was not looked at may be what an entry is for
    unusedIgnores: COMPARISONS.every(name =>
      comparisons.some(each => each.name === name && each.status !== 'unknown'),
    )
      ? ignore.unused()
      : [],
  }
}

function overall(comparisons: readonly Comparison[]): Comparison['status'] {
  const has = (status: Comparison['status']) => comparisons.some(each => each.status === status)
  return has('drift') ? 'drift' : has('unknown') ? 'unknown' : 'none'
}

async function compareCode(context: Context, project: Project, ignore: Ignoring): Promise<Compared> {
  context.report.progress('Comparing the schema code with the newest snapshot')
  try {
    // the project's own drizzle-kit takes 0.3 s to load, and other comparisons do without
    const { codeDifferences } = await import('./code.ts')
    const all = await codeDifferences(context, project, readMigrations(project))
    return compared(
      'code',
      withoutIgnored(all, ignore),
      'drizzle-ops generate writes the migration that is missing.',
    )
  } catch (error) {
    if (context.signal.aborted || !(error instanceof OpsError)) throw error
    return unknown('code', error.message, error.hint)
  }
}

function withoutIgnored(differences: readonly Difference[], ignore: Ignoring): Difference[] {
  return differences.filter(
    ({ kind, object }) => !ignore.passes([`${kind}:${object}`, `table:${tableOf(object)}`]),
  )
}

/** What a part of a table belongs to, as drizzle-kit's entities name it. */
function tableOf(object: string): string {
  return object.split('.').slice(0, 2).join('.')
}

async function compareLive(
  context: Context,
  project: Project,
  live: Live,
  wish: DriftWish,
  ignore: Ignoring,
): Promise<Answer[]> {
  const seen = await inspect(live.database, project)
  const answers: Answer[] = []
  if (wish.only.includes('database')) {
    const options = sideOptions(project, wish.privileges)
    const found = { options, side: sideOf(await readDefinitions(live.database), options) }
    const expectation = await expectationOf(context, project, live, seen, found, wish.shadow)
    if (isUnknown(expectation)) answers.push(unknown('database', expectation.reason, expectation.hint))
    else {
      const differences = databaseDifferences(expectation, found.side, ignore)
      const hint =
        'Run the SQL (what is not expected it drops, with its rows), or write what was done by hand into a migration: drizzle-ops generate --custom.'
      answers.push({ ...compared('database', differences, hint), scratch: expectation.scratch })
    }
  }
  if (wish.only.includes('history')) {
    const differences = withoutIgnored(historyDifferences(seen), ignore)
    answers.push(compared('history', differences, 'drizzle-ops status says how each is mended.'))
  }
  return answers
}
