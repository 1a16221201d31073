import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { urlOf } from '../support/address.ts'
import { connect } from '../support/client.ts'
import type { PostgresMajor } from '../support/runtimes.ts'
import { startServer, type TestServer } from '../support/servers.ts'
import type { Running } from './tools.ts'

export interface Server extends TestServer {
  /** A superuser's connection to the database `postgres`, made anew after a restart. */
  readonly admin: Sql
}

/** The database of one round. */
export interface Arena {
  readonly name: string
  readonly server: Server
  /** By another port where something stands between. */
  url(way?: { readonly port?: number | undefined; readonly user?: string | undefined }): string
  /** On a connection that is closed again, since every other session here is a runner's. */
  ask<T>(work: (sql: Sql) => Promise<T>): Promise<T>
}

/** A server whose commits survive its crash. */
export async function startArenas(major: PostgresMajor): Promise<Server> {
  const server = await startServer({ major, tls: false, settings: { synchronous_commit: true } })
  const admin = connect(server.url(), 2)
  // with its own accessors, of which a copy would keep today's values
  return Object.assign(server, { admin })
}

export async function stopArenas(server: Server): Promise<void> {
  await server.admin.end({ timeout: 0 })
  await server.stop('immediate')
}

export async function inArena<T>(server: Server, work: (arena: Arena) => Promise<T>): Promise<T> {
  const { admin } = server
  const name = `chaos_${randomBytes(6).toString('hex')}`
  await admin`CREATE DATABASE ${admin(name)} TEMPLATE template0`
  try {
    return await work(arenaOf(server, name))
  } finally {
    await admin`DROP DATABASE IF EXISTS ${admin(name)} WITH (FORCE)`
  }
}

export function arenaOf(server: Server, name: string): Arena {
  return {
    name,
    server,
    url: ({ port = server.port, user = 'postgres' } = {}) => urlOf({ ...server, port }, name, user),
    ask: async work => {
      const sql = connect(server.url(name), 1)
      try {
        await sql`SET statement_timeout = '20s'`
        return await work(sql)
      } finally {
        await sql.end({ timeout: 1 })
      }
    },
  }
}

/** A session that has run `statement` in a transaction and then does nothing, until it is let go. */
export async function idleIn(arena: Arena, statement: string): Promise<() => Promise<void>> {
  const sql = connect(arena.url(), 1)
  await sql.unsafe(`BEGIN; ${statement}`)
  return async () => {
    await sql.unsafe('COMMIT')
    await sql.end()
  }
}

/** The process id of the runner's session, as soon as there is one. Undefined where it ended before it was seen. */
export async function sessionOf(arena: Arena, running: Running): Promise<number | undefined> {
  let ended = false
  void running.ended.then(() => (ended = true))
  while (!ended) {
    const [pid] = await sessions(arena)
    if (pid !== undefined) return pid
    await sleep(5)
  }
  return undefined
}

export async function sessions({ server: { admin }, name }: Arena): Promise<number[]> {
  const found = await admin<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE datname = ${name} AND backend_type = 'client backend'`
  return found.map(({ pid }) => pid)
}

/** Whether the database is without advisory locks within so many milliseconds. */
export async function lockIsFree({ server: { admin }, name }: Arena, within: number): Promise<boolean> {
  const deadline = performance.now() + within
  for (;;) {
    const held = await admin`
      SELECT FROM pg_locks
      WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = ${name})`
    if (held.length === 0) return true
    if (performance.now() > deadline) return false
    await sleep(20)
  }
}
