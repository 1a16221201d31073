// drizzle-orm's own migrate(), as an application calls it: the folder whose node_modules has drizzle-orm, then its config.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [folder, config] = process.argv.slice(2)
const require = createRequire(join(folder, 'package.json'))
const postgres = require('postgres')
const { drizzle } = require('drizzle-orm/postgres-js')
const { migrate } = require('drizzle-orm/postgres-js/migrator')

const sql = postgres(process.env.STOCK_URL, { max: 1, onnotice: () => {} })
try {
  await migrate(drizzle(process.argv[4] === '1.0' ? { client: sql } : sql), JSON.parse(config))
} catch (error) {
  console.error(error.message, error.cause?.message)
  process.exitCode = 1
} finally {
  await sql.end()
}
