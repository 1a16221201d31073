import { basename } from 'node:path'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { credentialsTarget } from './credentials.ts'
import { hasLibpqVariables, libpqTarget } from './libpq.ts'
import { withPasswordFile } from './passfile.ts'
import type { Project } from './project.ts'
import type { Target } from './target.ts'
import { parseUrl } from './url.ts'

/** The embedded server stands in where nothing is configured; it has no target before it runs. */
export type Connection = { readonly kind: 'target'; readonly target: Target } | { readonly kind: 'embedded' }

/** A place that may name the connection, and what it says: undefined where it says nothing. */
interface Place {
  readonly source: string
  target(): Target | undefined
}

/**
 * Which database a command speaks to. One order for every command, so that `status` describes what
 * `migrate` changes. Throws OpsError `url-missing`, which lists every place that was looked at.
 */
export async function resolveConnection(context: Context, project: Project | undefined): Promise<Connection> {
  if (context.globals.embedded) return { kind: 'embedded' }
  const places = placesOf(context, project, await urlFlag(context))
  for (const place of places) {
    const target = place.target()
    if (target) return { kind: 'target', target: await withPasswordFile(target, context.env) }
  }
  if (project?.ops.embedded) return { kind: 'embedded' }
  throw nowhere([
    ...places.map(place => place.source),
    'the embedded server (off: neither --embedded nor ops.embedded is set)',
  ])
}

/** A place of the connection, and what became of it: null where it says nothing. */
export interface Survey {
  readonly source: string
  readonly outcome: 'used' | 'set, not used' | null
}

/** What every place says, in the order in which they are asked. Reads no standard input. */
export function surveyPlaces(context: Context, project: Project | undefined): Survey[] {
  const { url, embedded } = context.globals
  const [flag, ...others] = placesOf(context, project, undefined)
  const said = [
    { source: flag?.source ?? '', says: url !== undefined },
    ...others.map(place => ({ source: place.source, says: saysSomething(place) })),
    { source: 'the embedded server', says: embedded === true || project?.ops.embedded === true },
  ]
  const used = embedded ? said.at(-1) : said.find(({ says }) => says)
  return said.map(place => ({
    source: place.source,
    outcome: place === used ? 'used' : place.says ? 'set, not used' : null,
  }))
}

/** What cannot be read says something. */
function saysSomething({ target }: Place): boolean {
  try {
    return target() !== undefined
  } catch {
    return true
  }
}

/** An empty one is a variable that was not set: to go on with the next place would be to go on with another database. */
async function urlFlag(context: Context): Promise<string | undefined> {
  const { url: flag } = context.globals
  const url = flag === '-' ? (await context.readStandardInput()).trim() : flag
  if (url !== '') return url
  throw new OpsError({
    code: 'url-missing',
    message: flag === '-' ? 'Standard input, named by --url -, holds no URL.' : 'The --url is empty.',
    hint: 'See whether the variable or the secret that it comes from is set, or leave --url out.',
    exit: 2,
  })
}

function placesOf(
  { globals, env }: Context,
  project: Project | undefined,
  urlFlag: string | undefined,
): Place[] {
  const user = env.PGUSER || env.USER || 'postgres'
  const from = (source: string, urlOf: () => string | undefined): Place => ({
    source,
    target: () => {
      const url = urlOf()
      return url ? parseUrl(url, source, user) : undefined
    },
  })
  const named = globals.urlEnv
  const environment = globals.environment ?? env.NODE_ENV
  return [
    from('--url', () => urlFlag),
    ...(named === undefined ? [] : [from(`--url-env ${named}`, () => required(named, env))]),
    from('DRIZZLE_OPS_URL', () => env.DRIZZLE_OPS_URL),
    ...(environment
      ? [
          from(`ops.environments.${environment}`, () =>
            environmentUrl(project, environment, globals.environment),
          ),
        ]
      : []),
    from('ops.migrationUrl', () => project?.ops.migrationUrl),
    { source: 'dbCredentials', target: () => credentialsTarget(project, user) },
    from('DATABASE_URL', () => env.DATABASE_URL),
    {
      source: 'PGHOST, PGDATABASE',
      target: () => (hasLibpqVariables(env) ? libpqTarget(env, user) : undefined),
    },
  ]
}

function required(name: string, env: NodeJS.ProcessEnv): string {
  const url = env[name]
  if (url) return url
  throw new OpsError({
    code: 'url-missing',
    message: `The environment variable ${name}, named by --url-env, is not set.`,
    hint: `Set ${name}, in the environment or in an env file, or name another variable.`,
    exit: 2,
  })
}

function environmentUrl(
  project: Project | undefined,
  name: string,
  asked: string | undefined,
): string | undefined {
  const environments = project?.ops.environments ?? {}
  const found = environments[name]
  if (asked === undefined || found?.url) return found?.url
  if (found === undefined && Object.keys(environments).length === 0) {
    if (!project || hasEnvFile(project, name)) return undefined
    throw unknownEnvironment(
      `Nothing speaks of an environment ${name}: neither ops.environments nor a file .env.${name}.`,
      'Correct --environment, or add it to ops.environments.',
    )
  }
  throw found
    ? unknownEnvironment(
        `ops.environments.${name} has no url.`,
        'Set the variable that its url is read from.',
      )
    : unknownEnvironment(
        `There is no environment ${name} under ops.environments; there are ${Object.keys(environments).join(', ')}.`,
        'Correct --environment, or add it to ops.environments.',
      )
}

function hasEnvFile({ envFiles }: Project, name: string): boolean {
  return envFiles.some(({ file }) => [`.env.${name}`, `.env.${name}.local`].includes(basename(file)))
}

function unknownEnvironment(message: string, hint: string): OpsError {
  return new OpsError({ code: 'environment-unknown', message, hint, exit: 2 })
}

function nowhere(sources: readonly string[]): OpsError {
  return new OpsError({
    code: 'url-missing',
    message: `No database is configured. Looked at, in this order: ${sources.join('; ')}.`,
    hint: 'Set DATABASE_URL, or pass --url postgres://user:password@host:5432/database, or --embedded for a server of your own.',
    exit: 2,
  })
}
