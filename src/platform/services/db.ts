import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type * as schema from '../schema/index.ts'

/** A database or an open transaction on it: what every service takes, so that calls compose in one transaction. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>
