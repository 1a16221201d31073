import { randomBytes } from 'node:crypto'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OpsError } from '../../errors.ts'
import { createPrivately, makeFolder } from './files.ts'
import { dataDirectoryOf, type Home } from './home.ts'
import type { Installation } from './installation.ts'
import { isFailure, runAs } from './run.ts'

/** The cluster's superuser: not `drizzle`, since "$user" in search_path would then mean the history's schema. */
export const superuser = 'postgres'

/** The server's own file, so that ALTER SYSTEM has the last word. */
const settings = `
shared_buffers = 32MB
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
`

/**
 * Makes the cluster of a home that has none, 0.5 s: https://www.postgresql.org/docs/current/app-initdb.html
 *
 * @throws OpsError `embedded-initdb` with the end of initdb's output.
 */
export async function ensureCluster(home: Home, install: () => Promise<Installation>): Promise<void> {
  await makeFolder(dataDirectoryOf(home), async temporary => {
    await createPrivately(passwordFileOf(home), `${randomBytes(24).toString('base64url')}\n`, home.user)
    const installation = await install()
    await initdb(installation, home, temporary)
    await appendFile(join(temporary, 'postgresql.conf'), settings)
  })
}

/**
 * The superuser's password.
 *
 * @throws OpsError `embedded-password` where the file is gone.
 */
export async function readPassword(home: Home): Promise<string> {
  const text = await readFile(passwordFileOf(home), 'utf8').catch(() => '')
  if (text.trim() === '') throw wrongPassword(home)
  return text.trim()
}

/** The file does not hold the password of the cluster. */
export function wrongPassword(home: Home): OpsError {
  return new OpsError({
    code: 'embedded-password',
    exit: 2,
    message: `${passwordFileOf(home)} does not hold the password of the embedded PostgreSQL server.`,
    hint: 'drizzle-ops dev reset (deletes that database), or set DATABASE_URL',
  })
}

function passwordFileOf(home: Home): string {
  return join(home.directory, 'password')
}

async function initdb(installation: Installation, home: Home, directory: string): Promise<void> {
  const args = ['-D', directory, '-U', superuser, '-A', 'scram-sha-256', `--pwfile=${passwordFileOf(home)}`]
  args.push('--encoding=UTF8', '--no-sync', '--no-instructions', ...localeOptions(installation.majorVersion))
  try {
    await runAs(home.user, installation.initdb, args, installation)
  } catch (error) {
    throw isFailure(error) ? initdbFailed(`${error.stdout}${error.stderr}`) : error
  }
}

/** The C locale orders by byte, the same everywhere; from 17 on with upper and lower case of all letters. */
function localeOptions(majorVersion: number): string[] {
  return majorVersion < 17
    ? ['--locale=C']
    : ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
}

function initdbFailed(output: string): OpsError {
  const nameless = output.includes('could not look up effective user ID')
  return new OpsError({
    code: 'embedded-initdb',
    message: `The embedded PostgreSQL server's cluster could not be made:\n${output.trim().split('\n').slice(-8).join('\n')}`,
    hint: nameless
      ? 'Give this user id a name in /etc/passwd, which initdb demands, or set DATABASE_URL.'
      : 'Remove what initdb complains about and try again, or set DATABASE_URL.',
  })
}
