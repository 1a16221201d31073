import { faker } from '@faker-js/faker/locale/en'
import { sql } from 'drizzle-orm'
import { transactionWrites } from '../../catalog/transaction-writes.ts'
import type { Database } from '../../database/database.ts'
import { drizzleOn } from '../../database/drizzle.ts'
import { OpsError } from '../../errors.ts'
import { explain, serverError } from '../../explain.ts'
import { loadModule } from '../../project/load.ts'
import { thrownAt } from '../../project/origin.ts'
import { sentence } from '../../sentence.ts'
import { sourceOf } from '../cells/random.ts'
import type { Written, WrittenOptions } from './written.ts'

type Seeding = (db: unknown, help: { readonly faker: typeof faker; readonly rng: () => number }) => unknown

/** Calls a module's default export with Drizzle in an open transaction; one of its own becomes a savepoint. */
export async function runModule(
  database: Database,
  { file, seed, now, dryRun }: WrittenOptions,
  env: NodeJS.ProcessEnv,
): Promise<Written> {
  const { default: work } = await loadModule(file, env)
  if (typeof work !== 'function') throw noFunction(file)
  const numbers = sourceOf(seed, 'rng')
  let drawn = 0
  const rng = () => numbers.share(drawn++)
  faker.seed(sourceOf(seed, 'faker').bits(0))
  faker.setDefaultRefDate(now)
  let written: Written | undefined
  try {
    await drizzleOn(database, {}).transaction(async tx => {
      await (work as Seeding)(tx, { faker, rng })
      const query = async <Row extends object>(
        strings: TemplateStringsArray,
        ...values: readonly unknown[]
      ) => [...(await tx.execute(sql(strings, ...values)))] as unknown as Row[]
      written = { tables: await transactionWrites({ query }) }
      if (dryRun) {
        await tx.execute(sql`SET CONSTRAINTS ALL IMMEDIATE`)
        tx.rollback()
      }
    })
  } catch (error) {
    if (!(dryRun && written)) throw await failed(error, file)
  }
  return written ?? { tables: [] }
}

async function failed(error: unknown, file: string): Promise<unknown> {
  const told = serverError(error)
  const explained = explain(error)
  if (explained instanceof OpsError && (explained.exit === 3 || explained.exit === 130)) return explained
  const where = await thrownAt(error, file)
  const said = told ? told.message : error instanceof Error ? error.message : String(error)
  return new OpsError({
    code: 'seed-failed',
    message: `${where.file}${where.line === undefined ? '' : ` line ${where.line}`}: ${sentence(said)}`,
    hint: told?.hint ?? 'Nothing of it was kept. Correct the seed and run it again.',
    sqlstate: told?.code,
    where,
    cause: error,
  })
}

function noFunction(file: string): OpsError {
  return new OpsError({
    code: 'seed-file',
    message: `${file} exports no function as its default.`,
    hint: 'Begin with: export default async (db, { faker, rng }) => { … }',
    exit: 2,
    where: { file },
  })
}
