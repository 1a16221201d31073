import { spawn } from 'node:child_process'
import { once } from 'node:events'

const script = `
read -r _
pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null && sleep 1
rm -rf "$0"
`

/**
 * Removes `root`, and ends a server that still runs there, once this process is gone, however it went: the
 * shell waits on a pipe that only this process holds open. The returned function has it done at once.
 */
export function watch(root: string): () => Promise<void> {
  const shell = spawn('/bin/sh', ['-c', script, root], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  return async () => {
    shell.ref()
    shell.stdin.end()
    if (shell.exitCode === null) await once(shell, 'exit')
  }
}
