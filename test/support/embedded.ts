import postgres from 'postgres'
import { expect } from 'vitest'
import { findPostmaster } from '../../src/database/embedded/postmaster.ts'

/** Waits until no server runs on the data directory. */
export function goneFrom(dataDirectory: string): Promise<void> {
  return expect.poll(() => findPostmaster(dataDirectory), { interval: 5 }).toBeUndefined()
}

/** The column `answer` of a query, on a connection of its own. */
export async function ask<T>(url: string, query: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return [...(await sql.unsafe<{ answer: T }[]>(query))].map(row => row.answer)
  } finally {
    await sql.end()
  }
}
