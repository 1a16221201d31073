import { loadModule, parseSync } from 'libpg-query'

export type { Node } from 'libpg-query'

/** Starts PostgreSQL's parser: 100 ms. Only `loadParser` imports this file, so that nobody else pays for it. */
export async function startParser(): Promise<typeof parseSync> {
  await loadModule()
  return parseSync
}
