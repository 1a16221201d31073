import { Option } from 'commander'
import type { Command, Context } from '../command.ts'
import { knowing, OpsError } from '../errors.ts'
import type { Check, Verdict } from '../health/check.ts'
import { type CheckResult, type Examined, examined, unreachableFinding } from '../health/examine.ts'
import { CHECK_IDS, QUICK_IDS } from '../health/ids.ts'
import { junit } from '../health/junit.ts'
import { NAGIOS_EXIT, nagiosLine } from '../health/nagios.ts'
import { type HealthSettings, readHealth } from '../health/options.ts'
import { prometheus } from '../health/prometheus.ts'
import { quickChecks } from '../health/quick.ts'
import { fingerprint, runChecks } from '../health/run.ts'
import { type Baseline, readBaseline } from '../health/suppress.ts'
import { findingsView } from '../health/view.ts'
import { durationOption, list } from '../options.ts'
import { line } from '../output/blocks.ts'
import { findProject, type Project } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import { suggestion } from '../suggestion.ts'

type Level = 'warn' | 'critical' | 'unknown'

interface HealthOptions {
  readonly deep?: boolean
  readonly only?: readonly string[]
  readonly skip: readonly string[]
  readonly failOn: Level
  readonly baseline?: string
  readonly timeout: number
  readonly nagios?: boolean
}

interface HealthResult extends Examined {
  readonly server: {
    readonly version: string
    readonly role: string
    readonly tls: boolean
    readonly pooler: string
  } | null
  readonly ms: number
  readonly failOn: Level
  readonly nagios: boolean
}

/** Which verdicts each level of `--fail-on` fails on. */
const FAILING: Record<Level, readonly Verdict[]> = {
  critical: ['critical'],
  warn: ['critical', 'warn'],
  unknown: ['critical', 'unknown'],
}

export const health: Command<HealthOptions, HealthResult> = {
  options(cli) {
    cli
      .option('--deep', 'look at everything, not only at what a probe asks')
      .option('--only <ids>', 'run these checks only', list)
      .addOption(new Option('--skip <ids>', 'leave these checks out').argParser(list).default([], 'none'))
      .addOption(
        new Option('--fail-on <level>', 'exit 4 from this level on')
          .choices(['warn', 'critical', 'unknown'])
          .default('critical'),
      )
      .option('--baseline <file>', 'fail only on what this earlier --json does not have')
      .addOption(durationOption('--timeout <duration>', 'what is not done by then is unknown', '10s'))
      .option('--nagios', "one line and Nagios's own exit codes")
  },

  async run(context, options) {
    const started = performance.now()
    try {
      return await examine(context, options, started)
    } catch (error) {
      if (!(error instanceof OpsError) || context.signal.aborted) throw error
      if (options.nagios) return failed(error, options, performance.now() - started)
      throw error.exit === 3 ? knowing(error, { status: 'critical', checks: [unreachable(error)] }) : error
    }
  },

  view: result => (result.nagios ? [line(nagiosLine(result))] : findingsView(result)),

  formats: {
    junit: result => junit(result, check => fails(check, result.failOn)),
    prometheus,
  },

  exit: ({ status, checks, failOn, nagios }) => {
    if (nagios) return NAGIOS_EXIT[status]
    return checks.some(check => fails(check, failOn)) ? 4 : 0
  },
}

function fails({ status, suppressed }: CheckResult, failOn: Level): boolean {
  return suppressed === null && FAILING[failOn].includes(status)
}

async function examine(context: Context, options: HealthOptions, started: number): Promise<HealthResult> {
  const { only, skip, failOn, timeout, nagios = false } = options
  const checks = await chosen(options.deep ?? false, only, skip)
  const baseline: Baseline = options.baseline ? await readBaseline(options.baseline, context.cwd) : new Map()
  const project = await findProject(context)
  const configured = await settingsOf(project)
  const limits = { timeout, signal: context.signal }
  const settings = {
    statementTimeout: context.globals.statementTimeout ?? timeout,
    lockTimeout: context.globals.lockTimeout ?? 100,
    readOnly: true,
  }
  return withProjectDatabase(context, project, { command: 'health', settings }, async database => {
    const found = await runChecks(checks, database, project, limits, configured.thresholds)
    const { version, inRecovery, encrypted, pooler } = database.server
    return {
      ...(await examined(found, configured, baseline, { context, project })),
      server: { version, role: inRecovery ? 'standby' : 'primary', tls: encrypted, pooler },
      ms: performance.now() - started,
      failOn,
      nagios,
    }
  })
}

async function deepChecks(): Promise<readonly Check[]> {
  return (await import('../health/deep.ts')).deepChecks
}

async function settingsOf(project: Project | undefined): Promise<HealthSettings> {
  if (!project?.ops.health) return { ignore: [], thresholds: {} }
  const judged = [...quickChecks, ...(await deepChecks())].filter(({ thresholds }) => thresholds)
  return readHealth(
    project.ops.health,
    judged.map(({ id }) => id),
  )
}

/** A deep check that is named runs without --deep. */
async function chosen(
  deep: boolean,
  only: readonly string[] | undefined,
  skip: readonly string[],
): Promise<readonly Check[]> {
  const ids: readonly string[] = CHECK_IDS
  const unknown = [...(only ?? []), ...skip].find(id => !ids.includes(id))
  if (unknown !== undefined) {
    throw new OpsError({
      code: 'usage',
      message: `There is no check ${unknown}.`,
      hint: suggestion(unknown, ids, `The checks are ${ids.join(', ')}.`),
      exit: 2,
    })
  }
  const quick: readonly string[] = QUICK_IDS
  const all =
    deep || only?.some(id => !quick.includes(id)) ? [...quickChecks, ...(await deepChecks())] : quickChecks
  return all.filter(({ id }) => (only?.includes(id) ?? true) && !skip.includes(id))
}

/** A server that cannot be reached is the first finding, and the reason to stop. */
function unreachable({ message, hint }: OpsError): CheckResult {
  return unreachableFinding(message, hint, fingerprint('connect', null))
}

/** For Nagios a server that cannot be reached is critical, and a check that cannot be made unknown. */
function failed(error: OpsError, { failOn }: HealthOptions, ms: number): HealthResult {
  const check = unreachable(error)
  const status = error.exit === 3 ? 'critical' : 'unknown'
  return { status, checks: [{ ...check, status }], ignores: [], server: null, ms, failOn, nagios: true }
}
