#!/usr/bin/env node
// CommonJS, because Node takes 5 ms longer to start an ES module, and scripts ask for the version first
const [flag, ...others] = process.argv.slice(2)

if (flag === '--version' && others.length === 0) {
  require('node:fs').writeSync(1, `${require('../package.json').version}\n`)
} else {
  // `drizzle-ops … | head` closes the pipe before we are done with it: that is no failure, and with 2>&1 no
  // reason to end in the middle of the work
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', error => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  // Node ends with 0 where it waits for what never comes
  process.exitCode = 1
  import('../dist/main.js').then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2), process)
  })
}
