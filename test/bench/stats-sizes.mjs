import postgres from 'postgres'

// What every tool that tells sizes asks, and nothing else: the least that such a report can take.
const sql = postgres(process.env.DATABASE_URL, { max: 1 })
await sql`
  SELECT relation.relname AS name, pg_total_relation_size(relation.oid) AS size
  FROM pg_class AS relation
  JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
  WHERE namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema' AND relation.relkind = 'r'
  ORDER BY size DESC`
await sql.end()
