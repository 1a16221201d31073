// Makes migrations as drizzle-kit generate does, many projects in one process:
// generate.mjs 0.x|1.0 < [{ root, steps: [{ name, schema, sql?, hints? }] }]
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const [generation, packages] = process.argv.slice(2)
const projects = JSON.parse(await text(process.stdin))
const kit = await import(
  pathToFileURL(join(packages, 'drizzle-kit', generation === '0.x' ? 'api.mjs' : 'cli.mjs'))
)
const imports = `
import {
  bigint, bigserial, check, date, doublePrecision, foreignKey, index, integer, json, jsonb, numeric, pgEnum,
  pgMaterializedView, pgPolicy, pgRole, pgSchema, pgSequence, pgTable, pgView, primaryKey, serial, text, timestamp,
  unique, uniqueIndex, uuid, varchar,
} from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
`
const breakpoint = '--> statement-breakpoint\n'
const origin = '00000000-0000-0000-0000-000000000000'
const nothing = {
  version: '7',
  dialect: 'postgresql',
  id: origin,
  prevId: '',
  tables: {},
  enums: {},
  schemas: {},
  _meta: { schemas: {}, tables: {}, columns: {} },
}

for (const project of projects) await (generation === '0.x' ? journal(project) : folders(project))

async function journal({ root, steps }) {
  const entries = []
  let before = nothing
  mkdirSync(join(root, 'drizzle/meta'), { recursive: true })
  for (const [idx, { name, schema, sql }] of steps.entries()) {
    const file = join(root, `schema${idx}.mjs`)
    writeFileSync(file, imports + schema)
    const prefix = String(idx).padStart(4, '0')
    const after = kit.generateDrizzleJson({ ...(await import(file)) }, before.id)
    const statements = sql ?? (await kit.generateMigration(before, after))
    writeFileSync(join(root, `drizzle/${prefix}_${name}.sql`), statements.join(breakpoint))
    writeFileSync(join(root, `drizzle/meta/${prefix}_snapshot.json`), JSON.stringify(after, null, 2))
    entries.push({
      idx,
      version: '7',
      when: 1767225600000 + idx * 60000,
      tag: `${prefix}_${name}`,
      breakpoints: true,
    })
    before = after
  }
  const document = { version: '7', dialect: 'postgresql', entries }
  writeFileSync(join(root, 'drizzle/meta/_journal.json'), JSON.stringify(document, null, 2))
}

async function folders({ root, steps }) {
  process.chdir(root)
  let newest
  for (const [idx, { name, schema, sql, hints, custom, beside }] of steps.entries()) {
    writeFileSync(`schema${idx}.ts`, imports + schema)
    if (beside) renameSync(newest, 'aside')
    const made = await kit.generate({
      dialect: 'postgresql',
      schema: `./schema${idx}.ts`,
      out: './drizzle',
      name,
      hints,
      custom,
    })
    if (made.status !== 'ok') throw new Error(`${root} ${name}: ${JSON.stringify(made)}`)
    if (beside) renameSync('aside', newest)
    newest = dirname(made.migration_path)
    if (sql && !hints) writeFileSync(made.migration_path, sql.join(breakpoint))
  }
}
