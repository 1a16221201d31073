import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query'

/** Starts PostgreSQL's parser: 100 ms. Only `loadParser` imports this file, so that nobody else pays for it. */
export async function startParser() {
  await loadModule()
  return { parseSql: parseSync, parsePlpgsql: (text: string): unknown => parsePlPgSQLSync(text) }
}
