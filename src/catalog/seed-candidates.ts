import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { relationOf, type Table } from '../graph/graph.ts'

/** A row that might be written: its columns as text. */
export interface Candidate {
  readonly number: number
  readonly values: Readonly<Record<string, string | null>>
}

/** What no two rows may have in common. */
export interface Rivalry {
  readonly predicate: string | null
  readonly parts: readonly { readonly sql: string; readonly operator: string }[]
}

export interface CandidateQuestions {
  /** Conditions that a row must not make false. */
  readonly checks: readonly string[]
  /** What the table's rows are compared by. */
  readonly rivalries: readonly Rivalry[]
  /** What the candidates are told apart by among themselves. */
  readonly keys: readonly Rivalry[]
}

export interface CandidateAnswer {
  readonly number: number
  /** For each check whether it is met. */
  readonly checks: readonly boolean[]
  /** Whether a row of the table is in its way. */
  readonly taken: boolean
  /** For each key its values as text; null where no other row can be the same. */
  readonly keys: readonly (string | null)[]
}

/** What the table would say of these rows, none of which is written. */
export async function judgeCandidates(
  database: Database,
  table: Table,
  candidates: readonly Candidate[],
  { checks, rivalries, keys }: CandidateQuestions,
): Promise<CandidateAnswer[]> {
  const { sql } = database
  const taken = rivalries.map((rivalry, index) => isTaken(table, rivalry, `r${index}`))
  const texts = keys.map(({ parts }, index) => {
    const values = parts.map((_, part) => `k${index}.v${part}`)
    const some = values.map(value => `${value} IS NOT NULL`).join(' AND ')
    return `CASE WHEN k${index}.within AND ${some} THEN json_build_array(${values.map(value => `${value}::text`).join(', ')})::text END`
  })
  const select = `SELECT candidate.drizzle_ops_number AS number,
      json_build_array(${checks.map(check => `(${check}) IS NOT FALSE`).join(', ')}) AS checks,
      ${taken.length > 0 ? taken.join(' OR ') : 'false'} AS taken,
      json_build_array(${texts.join(', ')}) AS keys
    FROM candidates AS candidate
    ${[...rivalries.map((each, index) => valuesOf(each, `r${index}`)), ...keys.map((each, index) => valuesOf(each, `k${index}`))].join(' ')}
    ORDER BY 1`
  return database.query<CandidateAnswer>`
    WITH candidates AS MATERIALIZED (
      SELECT (each ->> 'number')::float8 AS drizzle_ops_number, made.*
      FROM json_array_elements(${JSON.stringify(candidates)}::text::json) AS each
      CROSS JOIN LATERAL json_populate_record(NULL::${sql.unsafe(quoted(table.schema, table.name))}, each -> 'values') AS made
    ) ${sql.unsafe(select)}`
}

function valuesOf({ parts, predicate }: Rivalry, name: string): string {
  const values = parts.map(({ sql }, part) => `(${sql}) AS v${part}`).join(', ')
  return `CROSS JOIN LATERAL (SELECT ${values}, coalesce(${predicate ?? 'true'}, false) AS within) AS ${name}`
}

function isTaken(table: Table, { parts, predicate }: Rivalry, name: string): string {
  const values = parts.map(({ sql }, part) => `(${sql}) AS v${part}`).join(', ')
  const same = parts.map(({ operator }, part) => `there.v${part} ${operator} ${name}.v${part}`).join(' AND ')
  const there = `SELECT ${values} FROM ${relationOf(table)} WHERE ${predicate ?? 'true'}`
  return `(${name}.within AND EXISTS (SELECT FROM (${there}) AS there WHERE ${same}))`
}
