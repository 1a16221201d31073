import type { Sql } from './connect.ts'

/** A qualified name as a fragment of a statement. The driver's own helper takes a dot within a name for a separator. */
export function identifier(sql: Sql, ...words: readonly string[]) {
  return sql.unsafe(words.map(word => `"${word.replaceAll('"', '""')}"`).join('.'))
}
