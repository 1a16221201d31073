import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, pgEnum, pgTable, text, unique, uniqueIndex } from 'drizzle-orm/pg-core'
import type { JsonObject } from './json.ts'
import { instant, times } from './times.ts'

export interface UserMetadata {
  preferences?: JsonObject
  lastDevice?: { name: string; platform?: string; seenAt?: string }
}

export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    email: text('email').notNull(),
    emailVerified: boolean('email_verified').notNull().default(false),
    name: text('name'),
    image: text('image'),
    metadata: jsonb('metadata').$type<UserMetadata>(),
    lastLoginAt: instant('last_login_at'),
    deletedAt: instant('deleted_at'),
    ...times,
  },
  // Also keeps equal spellings apart, so the column has no unique constraint of its own.
  table => [uniqueIndex('users_email_lower_idx').on(sql`lower(${table.email})`)],
)

export const sessionStatus = pgEnum('session_status', ['active', 'expired', 'revoked'])

export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    token: text('token').notNull().unique(),
    status: sessionStatus('status').notNull().default('active'),
    expiresAt: instant('expires_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    lastActiveAt: instant('last_active_at'),
    ...times,
  },
  table => [
    index('sessions_user_id_idx').on(table.userId),
    index('sessions_expires_at_idx').on(table.expiresAt),
    index('sessions_last_active_at_idx').on(table.lastActiveAt),
  ],
)

export const accounts = pgTable(
  'accounts',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    // The application encrypts both tokens; it needs the initialisation vector and the tag to read them again.
    accessToken: text('access_token'),
    accessTokenIv: text('access_token_iv'),
    accessTokenTag: text('access_token_tag'),
    refreshToken: text('refresh_token'),
    refreshTokenIv: text('refresh_token_iv'),
    refreshTokenTag: text('refresh_token_tag'),
    accessTokenExpiresAt: instant('access_token_expires_at'),
    refreshTokenExpiresAt: instant('refresh_token_expires_at'),
    scope: text('scope'),
    password: text('password'),
    ...times,
  },
  table => [
    unique('accounts_provider_id_account_id_unique').on(table.providerId, table.accountId),
    index('accounts_user_id_idx').on(table.userId),
  ],
)

export const verifications = pgTable(
  'verifications',
  {
    id: text('id').primaryKey(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: instant('expires_at').notNull(),
    ...times,
  },
  table => [
    index('verifications_identifier_idx').on(table.identifier),
    index('verifications_expires_at_idx').on(table.expiresAt),
  ],
)
