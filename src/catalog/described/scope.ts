import type { Database } from '../../database/database.ts'

/** `json` is a list of names. A fragment, since so many queries need it. */
export function within({ sql }: Database, json: string) {
  return sql`(SELECT json_array_elements_text(${json}::text::json))`
}

export function belongsToExtension({ sql }: Database) {
  return sql`
    EXISTS (SELECT FROM pg_catalog.pg_depend AS member
            WHERE member.classid = 'pg_catalog.pg_class'::regclass AND member.objid = relation.oid
              AND member.deptype = 'e')`
}

/** A table that Drizzle can describe: no partition, nobody else's. */
export function isTable(database: Database) {
  return database.sql`
    relation.relkind IN ('r', 'p') AND NOT relation.relispartition AND NOT ${belongsToExtension(database)}`
}
