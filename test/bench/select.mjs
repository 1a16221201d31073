import postgres from 'postgres'

const sql = postgres(process.env.DATABASE_URL)
await sql`select 1`
await sql.end()
