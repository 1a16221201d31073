import { sql } from 'drizzle-orm'
import { timestamp } from 'drizzle-orm/pg-core'

export const instant = <Name extends string>(name: Name) => timestamp(name, { withTimezone: true })

export const times = {
  createdAt: instant('created_at').notNull().defaultNow(),
  // The database's clock, as for the default: the application's may disagree with it.
  updatedAt: instant('updated_at')
    .notNull()
    .defaultNow()
    .$onUpdate(() => sql`now()`),
}
