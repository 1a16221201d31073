#!/usr/bin/env node
import { main } from '../dist/main.js'

// `drizzle-ops … | head` closes the pipe before we are done with it: that is no failure
process.stdout.on('error', error => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await main(process.argv.slice(2), process)
