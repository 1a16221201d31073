import { setFlagsFromString } from 'node:v8'
import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query'

/** Starts PostgreSQL's parser: 100 ms. Only `loadParser` imports this file, so that nobody else pays for it. */
export async function startParser() {
  // V8 compiles WebAssembly fast, then anew for programs that run longer than ours: 100 files cost 0.38 s instead of 0.60
  setFlagsFromString('--liftoff-only')
  await loadModule()
  return { parseSql: parseSync, parsePlpgsql: (text: string): unknown => parsePlPgSQLSync(text) }
}
