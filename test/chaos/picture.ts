import { dump } from '../support/dump.ts'
import type { Arena } from './arena.ts'
import type { Row } from './project.ts'

/** What a database holds, as far as migrations can leave it wrong. */
export interface Picture {
  /** drizzle's rows, in the order of their ids. */
  readonly rows: readonly Row[]
  /** What the statements left that count, sorted. */
  readonly steps: readonly string[]
  readonly counter: number | null
  readonly invalidIndexes: readonly string[]
  readonly catalog: string
}

export async function pictureOf(arena: Arena): Promise<Picture> {
  return arena.ask(async sql => {
    const has = async (relation: string) =>
      (await sql`SELECT FROM pg_class WHERE oid = to_regclass(${relation})`).length > 0
    const rows = (await has('drizzle.__drizzle_migrations'))
      ? await sql<Row[]>`SELECT hash, created_at FROM drizzle.__drizzle_migrations ORDER BY id`
      : []
    const steps = (await has('public.ran'))
      ? await sql<{ step: string }[]>`SELECT step FROM public.ran ORDER BY step`
      : []
    const [counter] = (await has('public.counter'))
      ? await sql<{ n: number }[]>`SELECT n FROM public.counter`
      : []
    const invalid = await sql<{ name: string }[]>`
      SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY 1`
    return {
      rows: [...rows],
      steps: steps.map(({ step }) => step),
      counter: counter?.n ?? null,
      invalidIndexes: invalid.map(({ name }) => name),
      catalog: await dump(sql),
    }
  })
}
