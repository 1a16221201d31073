import { Command as Cli, CommanderError } from 'commander'
import { version } from '../package.json'
import type { Command, CommandEntry } from './command.ts'
import { entries, groups, sections } from './commands/index.ts'
import { OpsError } from './errors.ts'
import { declareGlobals, type Globals } from './options.ts'
import { FORMATS, isFormat } from './output/formats.ts'

/** What the arguments ask for. */
export interface Invocation {
  readonly name: string
  readonly command: Command
  /** The command's own flags and arguments under their names. */
  readonly options: object
  readonly globals: Globals
}

/**
 * Reads the arguments. Help and version go to `print`, and there is nothing left to do.
 * Throws OpsError `usage`, exit 2.
 */
export async function parse(
  argv: readonly string[],
  print: (text: string) => void,
): Promise<Invocation | undefined> {
  let invocation: Invocation | undefined
  const program = buildProgram(print, found => {
    invocation = found
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return invocation
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw usage(error, nameIn(program.args))
  }
}

/** The whole program, also for whoever writes its documentation. */
export function buildProgram(print: (text: string) => void, invoke: (invocation: Invocation) => void): Cli {
  const program = new Cli('drizzle-ops')
    .description('Runs your Drizzle migrations on PostgreSQL, and runs the database afterwards.')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .configureHelp({ showGlobalOptions: false })
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .showSuggestionAfterError()
  declareGlobals(program)
  for (const { heading, entries } of sections) {
    program.commandsGroup(heading)
    for (const entry of entries) declareCommand(program, entry, invoke)
  }
  // Commander's own `help migrate` would print before the body has declared its flags
  program
    .command('help [command...]')
    .description('print the help of a command')
    .helpGroup('Set-up:')
    .action(async (names: string[]) => {
      const known = names.length === 0 || names[0] === 'help' || nameIn(names) !== undefined
      await program.parseAsync([...names.filter(name => name !== 'help'), ...(known ? ['--help'] : [])], {
        from: 'user',
      })
    })
  return program
}

/** `archive inspect` is a command within a command; its body is imported when the arguments name it. */
function declareCommand(
  program: Cli,
  { name, summary, load }: CommandEntry,
  invoke: (invocation: Invocation) => void,
): void {
  const [word = name, ...rest] = name.split(' ').reverse()
  const parent = rest[0] ? groupOf(program, rest[0]) : program
  const sub = parent.command(word).summary(summary).description(summary)
  sub.helpOption('--help', 'print this help').helpCommand(false)
  sub.addHelpText('after', '\nThe global flags: drizzle-ops --help')
  parent.hook('preSubcommand', async (_, chosen) => {
    // a word of its own follows: `stats list` takes nothing of what `stats` does
    if (chosen !== sub || sub.commands.some(deeper => deeper.name() === program.args[1])) return
    const command = await load()
    command.options(sub)
    const own = Object.keys(command.formats ?? {})
    if (own.length > 0) sub.addHelpText('after', `--format may also be ${own.join(' or ')}.`)
    sub.action(() => {
      const globals = program.opts<Globals>()
      checkFormat(sub, globals.format, own)
      invoke({ name, command, options: { ...sub.opts(), ...namedArguments(sub) }, globals })
    })
  })
}

/** A group is the command of that name, or only the first word of those that begin with it. */
function groupOf(program: Cli, name: string): Cli {
  const made = program.commands.find(command => command.name() === name)
  if (made) return made
  const summary = groups[name] ?? ''
  return program
    .command(name)
    .summary(summary)
    .description(summary)
    .helpOption('--help', 'print this help')
    .helpCommand(false)
}

function checkFormat(sub: Cli, format: string, own: readonly string[]): void {
  if (isFormat(format) || own.includes(format)) return
  sub.error(
    `error: option '--format <format>' argument '${format}' is invalid. Allowed choices are ${[...FORMATS, ...own].join(', ')}.`,
    { code: 'commander.invalidArgument', exitCode: 1 },
  )
}

/** The command or group that the words begin with. */
function nameIn(words: readonly string[]): string | undefined {
  const names = entries.flatMap(({ name }) => [name, name.split(' ')[0] ?? name])
  const two = words.slice(0, 2).join(' ')
  return names.includes(two) ? two : names.find(name => name === words[0])
}

function namedArguments(sub: Cli): Record<string, unknown> {
  return Object.fromEntries(
    sub.registeredArguments.map((argument, index) => [argument.name(), sub.processedArgs[index]]),
  )
}

const PREFIX = /^error: /
const SUGGESTION = /\n\((.*)\)$/
const END = /[.?]$/

function usage(error: CommanderError, name: string | undefined): OpsError {
  return new OpsError({
    code: 'usage',
    message: error.code === 'commander.help' ? 'No command was given.' : sentence(error.message),
    hint: `drizzle-ops ${name ? `${name} ` : ''}--help lists what there is.`,
    exit: 2,
    cause: error,
  })
}

/** `error: unknown option '--chek'` and `(Did you mean --check?)` below it, as sentences. */
function sentence(message: string): string {
  const text = message.replace(PREFIX, '').replace(SUGGESTION, '. $1')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${END.test(text) ? '' : '.'}`
}
