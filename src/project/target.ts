import type { ConnectionOptions as TlsOptions } from 'node:tls'

/** libpq's `target_session_attrs`: https://www.postgresql.org/docs/current/libpq-connect.html */
export type SessionAttrs = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby'

/** How a connection is encrypted. `prefer` goes on in plain text where the server has no TLS. */
export type Tls =
  | { readonly mode: 'disable' }
  | { readonly mode: 'prefer' | 'require'; readonly options: TlsOptions }

export interface Address {
  /** A host name, an IP address, or the directory of a Unix socket. */
  readonly host: string
  readonly port: number
}

/** Where a command connects: complete, and made by `resolveTarget` only. */
export interface Target {
  /** Tried in this order. Never empty. */
  readonly addresses: readonly [Address, ...Address[]]
  readonly database: string
  readonly user: string
  /** A function, so that no printer of objects can show it. */
  readonly password: () => string | undefined
  readonly tls: Tls
  readonly sessionAttrs: SessionAttrs
  /** Settings for the session, as libpq's `options`: `-c search_path=app`. */
  readonly options?: string | undefined
  /** Which of the places that may name a connection named this one, such as `DATABASE_URL`. */
  readonly source: string
}
