import type { MigrationScript } from '../migrations/apply.ts'
import { loadParser, type ParsedStatement, type Parser } from '../sql/parse.ts'

/** What a scratch database must never do: it stands on a server that others use, often the live one. */
const BEYOND: readonly string[] = [
  'CreateRoleStmt',
  'AlterRoleStmt',
  'AlterRoleSetStmt',
  'DropRoleStmt',
  'GrantRoleStmt',
  'DropOwnedStmt',
  'ReassignOwnedStmt',
  'AlterSystemStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'AlterDatabaseStmt',
  'AlterDatabaseSetStmt',
  'AlterDatabaseRefreshCollStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'AlterTableSpaceOptionsStmt',
  'CreateSubscriptionStmt',
  'AlterSubscriptionStmt',
  'DropSubscriptionStmt',
]

/** GRANT, COMMENT, RENAME and the like on one of these. */
const SHARED: readonly string[] = [
  'OBJECT_DATABASE',
  'OBJECT_ROLE',
  'OBJECT_TABLESPACE',
  'OBJECT_PARAMETER_ACL',
  'OBJECT_SUBSCRIPTION',
]

/** The parser takes 190 ms to load, and few migrations hold any of these. */
const SUSPICIOUS = /\b(role|user|group|owned|system|database|tablespace|subscription|parameter)\b/i

/** The scripts without the statements that reach beyond their own database. */
export async function withinDatabase(scripts: readonly MigrationScript[]): Promise<MigrationScript[]> {
  if (!scripts.some(({ text }) => SUSPICIOUS.test(text))) return [...scripts]
  const parser = await loadParser()
  return scripts.map(script => ({
    ...script,
    script: {
      ...script.script,
      statements: script.script.statements.map(statement => ({
        ...statement,
        text: SUSPICIOUS.test(statement.text) ? blanked(statement.text, parser) : statement.text,
      })),
    },
  }))
}

/** Spaces in place of what is left out, so that errors keep their place. */
function blanked(text: string, parser: Parser): string {
  let result = text
  for (const statement of parser.parse(text)) {
    const { start, end } = statement
    if (reachesBeyond(statement))
      result = result.slice(0, start) + ' '.repeat(end - start) + result.slice(end)
  }
  return result
}

function reachesBeyond({ tree, inner }: ParsedStatement): boolean {
  if (inner?.some(reachesBeyond)) return true
  return Object.entries(tree ?? {}).some(
    ([kind, body]) => BEYOND.includes(kind) || objectTypes(body).some(type => SHARED.includes(type)),
  )
}

function objectTypes(body: object): string[] {
  const { objtype, objectType, removeType, renameType } = body as Record<string, unknown>
  return [objtype, objectType, removeType, renameType].filter(each => typeof each === 'string')
}
