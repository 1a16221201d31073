import { Command as Cli, CommanderError } from 'commander'
import { version } from '../package.json'
import type { Command, CommandEntry } from './command.ts'
import { entries } from './commands/index.ts'
import { OpsError } from './errors.ts'
import { declareGlobals, type Globals } from './options.ts'

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
    throw usage(error, program.args[0])
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
  const bodies = new Map<string, Command>()
  for (const { name, summary } of entries) {
    const sub = program
      .command(name)
      .summary(summary)
      .description(summary)
      .helpOption('--help', 'print this help')
    sub.action(() => {
      const command = bodies.get(name)
      if (command)
        invoke({
          name,
          command,
          options: { ...sub.opts(), ...namedArguments(sub) },
          globals: program.opts<Globals>(),
        })
    })
    sub.addHelpText('after', '\nThe global flags: drizzle-ops --help')
  }
  program.hook('preSubcommand', async (_, sub) => {
    const command = await entryOf(sub.name())?.load()
    if (!command) return
    bodies.set(sub.name(), command)
    command.options(sub)
  })
  // Commander's own `help migrate` would print before the body has declared its flags
  program
    .command('help [command]')
    .description('display help for command')
    .action(async (name = 'help') => {
      await program.parseAsync(name === 'help' ? ['--help'] : [name, ...(entryOf(name) ? ['--help'] : [])], {
        from: 'user',
      })
    })
  return program
}

function entryOf(name: string | undefined): CommandEntry | undefined {
  return entries.find(entry => entry.name === name)
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
    hint: `drizzle-ops ${entryOf(name) ? `${name} ` : ''}--help lists what there is.`,
    exit: 2,
    cause: error,
  })
}

/** `error: unknown option '--chek'` and `(Did you mean --check?)` below it, as sentences. */
function sentence(message: string): string {
  const text = message.replace(PREFIX, '').replace(SUGGESTION, '. $1')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${END.test(text) ? '' : '.'}`
}
