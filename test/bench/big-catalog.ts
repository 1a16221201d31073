import type { Sql } from 'postgres'

/** Tables that one transaction makes: each of them and of its indexes takes a lock until the end. */
const BATCH = 100

/**
 * Fills a database with `tables` tables of five indexes each, over ten schemas, ten rows in each table and an
 * unindexed foreign key to the table before it, and has them analysed. 2,000 tables take some 20 s.
 */
export async function fillBigCatalog(sql: Sql, tables = 2000): Promise<void> {
  for (let schema = 0; schema < 10; schema += 1) await sql.unsafe(`CREATE SCHEMA app_${schema}`)
  for (let first = 0; first < tables; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, tables - first) }, (_, index) =>
      tableSql(first + index),
    )
    await sql.unsafe(`BEGIN; ${batch.join('')} COMMIT`).simple()
  }
  await sql.unsafe('ANALYZE').simple()
}

/** A primary key, a unique constraint, an index with two columns, a redundant one and a partial one. */
function tableSql(number: number): string {
  const table = nameOf(number)
  return `
    CREATE TABLE ${table} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      email text NOT NULL UNIQUE,
      parent_id bigint${number > 0 ? ` REFERENCES ${nameOf(number - 1)}` : ''},
      status text NOT NULL DEFAULT 'new',
      deleted_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX t${number}_status_created ON ${table} (status, created_at DESC);
    CREATE INDEX t${number}_status ON ${table} (status);
    CREATE INDEX t${number}_deleted ON ${table} (deleted_at) WHERE deleted_at IS NOT NULL;
    INSERT INTO ${table} (email) SELECT 'user' || i || '@example.com' FROM generate_series(1, 10) AS i;`
}

function nameOf(number: number): string {
  return `app_${number % 10}.table_${number}`
}
