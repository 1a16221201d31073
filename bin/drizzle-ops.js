#!/usr/bin/env node
// CommonJS, because Node takes 5 ms longer to start an ES module, and scripts ask for the version first
const [flag, ...others] = process.argv.slice(2)

if (flag === '--version' && others.length === 0) {
  require('node:fs').writeSync(1, `${require('../package.json').version}\n`)
} else {
  // `drizzle-ops … | head` closes the pipe before we are done with it: that is no failure
  process.stdout.on('error', error => {
    if (error.code !== 'EPIPE') throw error
  })
  import('../dist/main.js').then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2), process)
  })
}
