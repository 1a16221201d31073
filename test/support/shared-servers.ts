import type { Sql } from 'postgres'
import { inject } from 'vitest'
import { type ServerAddress, urlOf } from './address.ts'
import { afterFile } from './cleanup.ts'
import { connect } from './client.ts'
import type { PostgresMajor } from './runtimes.ts'

const admins = new Map<PostgresMajor, Sql>()

/** The versions that this run has a server of, to loop with `describe.each`. */
export function majors(): PostgresMajor[] {
  return inject('servers').map(({ major }) => major)
}

export function newestMajor(): PostgresMajor {
  return sharedServer(Math.max(...majors())).major
}

/** The server that all files of the run share; a test that changes its settings starts its own. */
export function sharedServer(major: number): ServerAddress {
  const server = inject('servers').find(candidate => candidate.major === major)
  if (!server) throw new Error(`PostgreSQL ${major} is not among the servers of this run (PG_MAJORS).`)
  return server
}

/** A superuser's connection to the database `postgres`, kept until the file ends. */
export function admin(major: PostgresMajor): Sql {
  const known = admins.get(major)
  if (known) return known
  const sql = connect(urlOf(sharedServer(major)), 2)
  admins.set(major, sql)
  afterFile(() => sql.end())
  return sql
}
