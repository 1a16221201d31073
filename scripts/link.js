import { mkdirSync, rmSync, symlinkSync } from 'node:fs'

// npm links the commands of dependencies only; this is what lets `npx drizzle-ops` find the one of this checkout
const link = 'node_modules/.bin/drizzle-ops'

mkdirSync('node_modules/.bin', { recursive: true })
rmSync(link, { force: true })
symlinkSync('../../bin/drizzle-ops.js', link)
