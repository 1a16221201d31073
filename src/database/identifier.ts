import type { Sql } from './connect.ts'

/** A qualified name as a fragment of a statement. The driver's own helper takes a dot within a name for a separator. */
export function identifier(sql: Sql, ...words: readonly string[]) {
  return sql.unsafe(quoted(...words))
}

/** A qualified name as text, for statements that are sent or shown as text. */
export function quoted(...words: readonly string[]): string {
  return words.map(word => `"${word.replaceAll('"', '""')}"`).join('.')
}

const PLAIN = /^[a-z_][a-z0-9_]*$/

/** A name as documents and tables spell it: quoted where it could be misread. */
export function quotedIdentifier(name: string): string {
  return PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/**
 * A value within a statement's text, spelt in hexadecimal digits so that nothing in it can be SQL. For statements
 * that a run sends hundreds of times: a parameter costs the driver a round trip more, to have it described (500
 * migrations: 1.04 of drizzle-kit's time with parameters, 0.88 without).
 */
export function literal(text: string): string {
  return `convert_from(decode('${Buffer.from(text).toString('hex')}', 'hex'), 'UTF8')`
}

const LITERAL = /convert_from\(decode\('[0-9a-f]*', 'hex'\), 'UTF8'\)/g

/** The statement without the values that {@link literal} put into it, as it may be shown. */
export function withoutLiterals(statement: string): string {
  return statement.replace(LITERAL, () => '$')
}
