import { type Command as Cli, InvalidArgumentError, Option } from 'commander'
import { FORMATS } from './output/formats.ts'
import { HAZARDS } from './push/hazards.ts'

/** The flags that every command takes. Durations are milliseconds. */
export interface Globals {
  readonly url?: string
  readonly urlEnv?: string
  readonly config?: string
  readonly envFile?: readonly string[]
  readonly environment?: string
  readonly embedded?: boolean
  /** One of FORMATS, or of the command's own. */
  readonly format: string
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly metrics?: string
  readonly color: 'auto' | 'always' | 'never'
  readonly yes?: boolean
  readonly on?: string
  readonly allow: readonly string[]
  readonly statementTimeout?: number
  readonly lockTimeout?: number
  readonly connectTimeout: number
}

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const COUNT = /^\d+$/

/** `250ms`, `5s`, `10m`, `24h`, `30d` or `0`, as milliseconds. */
export function duration(text: string): number {
  const match = DURATION.exec(text)
  if (text === '0') return 0
  if (!match) throw new InvalidArgumentError('Write a number and a unit: 250ms, 5s, 10m, 24h or 30d.')
  return Number(match[1]) * MILLISECONDS[match[2] as keyof typeof MILLISECONDS]
}

/** What a timer of Node's and a setting of PostgreSQL's can hold: 24 days. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** A duration after which something is given up. */
function timeout(text: string): number {
  return Math.min(duration(text), LONGEST_TIMEOUT)
}

/** A whole number from 0. */
export function count(text: string): number {
  if (!COUNT.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}

/** A whole number from 1. */
export function positive(text: string): number {
  const number = count(text)
  if (number < 1) throw new InvalidArgumentError('Write a whole number from 1.')
  return number
}

const BYTES = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 }
const SIZE = /^(\d+(?:\.\d+)?)\s?(|b|kb|mb|gb|tb)$/i

/** `512`, `8kB`, `10MB`, `1.5GB` as bytes, in powers of 1024 as PostgreSQL reads them. */
export function size(text: string): number {
  const match = SIZE.exec(text)
  if (!match) throw new InvalidArgumentError('Write a number and a unit: 512, 8kB, 10MB or 1GB.')
  return Number(match[1]) * BYTES[match[2]?.toLowerCase() as keyof typeof BYTES]
}

/** A TCP port. */
export function port(text: string): number {
  const number = count(text)
  if (number < 1 || number > 65_535) throw new InvalidArgumentError('Write a port from 1 to 65535.')
  return number
}

/** `a,b` in one flag or in several. */
export function list(text: string, previous: readonly string[] = []): string[] {
  const words = text.split(',').map(word => word.trim())
  if (words.includes('')) throw new InvalidArgumentError('Write words with commas between them.')
  return [...previous, ...words]
}

/** What can be granted by name, each by the command whose refusal spells it. */
const RISKS: readonly string[] = [
  'late',
  'lint',
  'data-loss',
  'column-order',
  ...HAZARDS,
  'schema-drift',
  'large',
  'non-empty',
]

/** A risk that nobody knows would be granted to nobody, in silence. */
function risks(text: string, previous: readonly string[]): string[] {
  const asked = list(text, previous)
  const unknown = asked.find(each => !RISKS.includes(each))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no risk ${unknown}; there are ${RISKS.join(', ')}.`)
  return asked
}

/** A duration with a default, which help shows as people write it. */
export function durationOption(flags: string, description: string, usual: string): Option {
  return new Option(flags, description).argParser(duration).default(duration(usual), usual)
}

/** Declares {@link Globals} on the program. */
export function declareGlobals(cli: Cli): void {
  cli
    .optionsGroup('Connection:')
    .option('--url <url>', 'the database; - reads the URL from standard input')
    .option('--url-env <name>', 'the environment variable that holds the URL')
    .option('--config <file>', 'the drizzle config (default: drizzle.config.* here or above)')
    .option('--env-file <file>', 'read this env file first (repeatable)', list)
    .option('--environment <name>', 'an entry of ops.environments, and its .env.<name>')
    .option('--embedded', 'use the embedded PostgreSQL server')
    .addOption(
      durationOption('--connect-timeout <duration>', 'give up connecting after this time', '10s').argParser(
        timeout,
      ),
    )
    .option('--statement-timeout <duration>', 'cancel a statement that takes longer', timeout)
    .option('--lock-timeout <duration>', 'cancel a statement that waits longer for a lock', timeout)
    .optionsGroup('Output:')
    .addOption(
      new Option('--format <format>', 'how to print the result')
        .choices(FORMATS)
        // a command may have formats of its own, and it is not known yet which command it is
        .argParser(format => format)
        .default('table'),
    )
    .addOption(new Option('--json', 'short for --format json').implies({ format: 'json' }))
    .option('--quiet', 'no notes on stderr')
    .option('--verbose', 'SQL and timings on stderr, values left out')
    .option('--metrics <file>', 'write counts and durations of statements, as Prometheus reads them')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .optionsGroup('Consent:')
    .option('--yes', 'do not ask before a destructive step')
    .option('--on <database>', 'name a protected database to act on it')
    .addOption(
      new Option('--allow <risks>', 'grant named risks, as a refusal spells them')
        .argParser(risks)
        .default([], 'none'),
    )
    .optionsGroup('Help:')
}
