import { Option } from 'commander'
import type { Command } from '../command.ts'
import { knowing, OpsError } from '../errors.ts'
import { finding, type Verdict } from '../health/check.ts'
import { quickChecks } from '../health/quick.ts'
import { type CheckResult, fingerprint, overall, runChecks } from '../health/run.ts'
import { durationOption, list } from '../options.ts'
import { line, type Tone, table } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import { findProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

type Level = 'warn' | 'critical' | 'unknown'

interface HealthOptions {
  readonly only?: readonly string[]
  readonly skip: readonly string[]
  readonly failOn: Level
  readonly timeout: number
}

interface HealthResult {
  readonly status: Verdict
  readonly checks: readonly CheckResult[]
  readonly server: {
    readonly version: string
    readonly role: string
    readonly tls: boolean
    readonly pooler: string
  }
  readonly ms: number
  readonly failOn: Level
}

const TONES: Record<Verdict, Tone> = {
  ok: 'good',
  warn: 'warn',
  critical: 'bad',
  unknown: 'warn',
  skipped: 'dim',
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
      .option('--only <ids>', 'run these checks only', list)
      .addOption(new Option('--skip <ids>', 'leave these checks out').argParser(list).default([], 'none'))
      .addOption(
        new Option('--fail-on <level>', 'exit 4 from this level on')
          .choices(['warn', 'critical', 'unknown'])
          .default('critical'),
      )
      .addOption(durationOption('--timeout <duration>', 'what is not done by then is unknown', '10s'))
  },

  async run(context, { only, skip, failOn, timeout }) {
    const started = performance.now()
    const checks = chosen(only, skip)
    const project = await findProject(context)
    const settings = {
      statementTimeout: context.globals.statementTimeout ?? timeout,
      lockTimeout: context.globals.lockTimeout ?? 100,
      readOnly: true,
    }
    return withProjectDatabase(context, project, { command: 'health', settings }, async database => {
      const results = await runChecks(checks, { database, project }, timeout)
      const { version, inRecovery, encrypted, pooler } = database.server
      return {
        status: overall(results),
        checks: results,
        server: { version, role: inRecovery ? 'standby' : 'primary', tls: encrypted, pooler },
        ms: performance.now() - started,
        failOn,
      }
    }).catch(error => {
      throw unreachable(error)
    })
  },

  view: ({ status, checks, ms }) => [
    table(
      [
        { key: 'status', title: 'status' },
        { key: 'id', title: 'check' },
        { key: 'message', title: 'finding' },
        { key: 'fix', title: 'fix' },
      ],
      checks.map(({ thresholds, ...cells }) => ({ cells, tone: TONES[cells.status] })),
    ),
    line(`${status} (${checks.length} checks in ${milliseconds(ms)})`, TONES[status]),
  ],

  exit: ({ checks, failOn }) => (checks.some(({ status }) => FAILING[failOn].includes(status)) ? 4 : 0),
}

function chosen(only: readonly string[] | undefined, skip: readonly string[]) {
  const ids = quickChecks.map(({ id }) => id)
  const unknown = [...(only ?? []), ...skip].find(id => !ids.includes(id))
  if (unknown !== undefined) {
    throw new OpsError({
      code: 'usage',
      message: `There is no check ${unknown}.`,
      hint: `The checks are ${ids.join(', ')}.`,
      exit: 2,
    })
  }
  return quickChecks.filter(({ id }) => (only?.includes(id) ?? true) && !skip.includes(id))
}

/** A server that cannot be reached is the first finding, and the reason to stop. */
function unreachable(error: unknown): unknown {
  if (!(error instanceof OpsError) || error.exit !== 3) return error
  const found = finding('critical', error.message, { fix: error.hint })
  return knowing(error, {
    status: 'critical',
    checks: [{ id: 'connect', ...found, fingerprint: fingerprint('connect', null) }],
  })
}
