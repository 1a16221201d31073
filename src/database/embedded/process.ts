import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whether a process exists, whoever it belongs to. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Whether a process was started with this argument. Process ids come round again, soonest in containers, so a
 * number in a file proves nothing. Windows does not say, and every process there counts.
 */
export async function hasArgument(pid: number, argument: string): Promise<boolean> {
  if (!exists(pid)) return false
  if (platform() === 'win32') return true
  if (platform() !== 'linux') return (await commandLine(pid)).includes(argument)
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.split('\0').includes(argument)
}

async function commandLine(pid: number): Promise<string> {
  return run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  )
}
