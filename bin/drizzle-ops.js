#!/usr/bin/env node
// CommonJS, because Node takes 5 ms longer to start an ES module, and scripts ask for the version first
const [flag, ...others] = process.argv.slice(2)

let unwritable = false

/**
 * `drizzle-ops … | head` closes the pipe before we are done with it: no failure, and no reason to stop half-way.
 * A full disk is one, and no bug that needs a stack.
 */
function tolerant(stream) {
  if (stream.listenerCount('error') > 0) return stream
  return stream.on('error', error => {
    if (error.code === 'EPIPE' || unwritable) return
    unwritable = true
    process.exitCode = 1
    require('node:fs').writeSync(2, `error: The output cannot be written: ${error.message}.\n`)
  })
}

/** Streams when they are asked for: Node takes 2 ms to make each. */
const io = {
  get stdin() {
    return process.stdin
  },
  get stdout() {
    return tolerant(process.stdout)
  },
  get stderr() {
    return tolerant(process.stderr)
  },
  env: process.env,
  cwd: () => process.cwd(),
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
}

if (flag === '--version' && others.length === 0) {
  require('node:fs').writeSync(1, `${require('../package.json').version}\n`)
} else {
  // Node ends with 0 where it waits for what never comes
  process.exitCode = 1
  import('../dist/main.js').then(async ({ main }) => {
    const code = await main(process.argv.slice(2), io)
    process.exitCode = unwritable ? 1 : code
  })
}
