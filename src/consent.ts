import type { Context, DatabaseIdentity } from './command.ts'
import type { OpsConfig } from './config.ts'
import { OpsError } from './errors.ts'

/** A name that says production: `app_prod`, `db.production.example.com`, not `product`. */
const PRODUCTION = /(^|[^a-z])prod(uction)?([^a-z]|$)/i

/**
 * Asks before something is destroyed or rewritten; `--yes` answers beforehand.
 * Throws OpsError, exit 2: `consent-missing` where nobody is there to ask, `declined` where somebody says no.
 */
export async function askConsent(context: Context, what: string): Promise<void> {
  if (context.globals.yes) return
  const answer = await context.ask(`${what} Go on? [y/N]`)
  if (answer === undefined) {
    throw new OpsError({
      code: 'consent-missing',
      message: `${what} Nobody is at a terminal to agree.`,
      hint: 'Add --yes to agree beforehand.',
      exit: 2,
    })
  }
  if (!['y', 'yes'].includes(answer.toLowerCase())) throw declined()
}

/**
 * The same for a database: a protected one must be named with `--on` besides.
 * Throws OpsError, exit 2: `protected`, and those of `askConsent`.
 */
export async function askConsentOn(
  context: Context,
  ops: OpsConfig,
  database: DatabaseIdentity,
  what: string,
): Promise<void> {
  const { on } = context.globals
  if (on !== undefined && on !== database.name) throw otherDatabase(on, database.name, database.host)
  if (on === undefined && isProtected(ops, database)) {
    throw new OpsError({
      code: 'protected',
      message: `${database.name} on ${database.host} is protected. ${what}`,
      hint: `Add --on ${database.name} if it is the one you mean.`,
      exit: 2,
    })
  }
  await askConsent(context, what)
}

/**
 * For what destroys everything: the database's name has to be typed, or given beforehand with `--on` and `--yes`.
 * Throws OpsError, exit 2: `protected` where `--on` names another, `consent-missing`, `declined`.
 */
export async function askForName(
  context: Context,
  { name, host }: DatabaseIdentity,
  what: string,
): Promise<void> {
  const { on, yes } = context.globals
  if (on !== undefined && on !== name) throw otherDatabase(on, name, host)
  if (on === name && yes) return
  const answer = await context.ask(`${what} Type the name of the database, ${name}, to go on:`)
  if (answer === undefined) {
    throw new OpsError({
      code: 'consent-missing',
      message: `${what} Nobody is at a terminal to type its name.`,
      hint: `Add --on ${name} --yes to agree beforehand.`,
      exit: 2,
    })
  }
  if (answer !== name) throw declined(`Type ${name} to go on.`)
}

/** Whether `ops.protected` names it, or its own or its host's name says production. */
export function isProtected(ops: OpsConfig, { name, host }: DatabaseIdentity): boolean {
  return (
    ops.protected?.includes(name) === true ||
    PRODUCTION.test(name) ||
    host.split('.').some(label => PRODUCTION.test(label))
  )
}

function otherDatabase(on: string, name: string, host: string): OpsError {
  return new OpsError({
    code: 'protected',
    message: `--on names ${on}, and this is ${name} on ${host}.`,
    hint: 'See which database is meant: drizzle-ops doctor.',
    exit: 2,
  })
}

export function declined(hint = 'Answer y to go on.'): OpsError {
  return new OpsError({ code: 'declined', message: 'Declined; nothing was changed.', hint, exit: 2 })
}
