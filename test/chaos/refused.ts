import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { applied, refuses, untilDone } from './aftermath.ts'
import { type Arena, arenaOf, startArenas, stopArenas } from './arena.ts'
import { inTransactions } from './migrations.ts'
import type { Play } from './round.ts'

/** The database takes no writes, and then does. */
export const readOnly: Play = async round => {
  const { arena, random } = round
  const here = await applied(round, inTransactions.slice(0, random.integer(0, 3)), inTransactions)
  await arena.ask(sql => sql`ALTER DATABASE ${sql(arena.name)} SET default_transaction_read_only = on`)
  const refused = await refuses(round, here, { exit: 1, code: 'read-only' })
  await arena.ask(async sql => {
    await sql`SET default_transaction_read_only = off`
    await sql`ALTER DATABASE ${sql(arena.name)} RESET default_transaction_read_only`
  })
  return [...refused, ...(await untilDone(round, here, inTransactions))]
}

/** The server is a standby, and then is promoted. */
export const standby: Play = async round => {
  const server = await startArenas(round.server.major)
  try {
    const there = { ...round, server, arena: arenaOf(server, 'postgres') }
    const here = await applied(there, inTransactions.slice(0, round.random.integer(0, 3)), inTransactions)
    await writeFile(join(server.dataDirectory, 'standby.signal'), '')
    // it is not ready in the sense of a restart before it is promoted
    const restarted = server.restart()
    restarted.catch(() => undefined)
    await untilInRecovery(there.arena)
    const refused = await refuses(there, here, { exit: 1, code: 'read-only' })
    await server.admin`SELECT pg_promote()`
    await restarted
    return [...refused, ...(await untilDone(there, here, inTransactions))]
  } finally {
    await stopArenas(server)
  }
}

/** A role that may read and write, but make nothing. */
export const withoutCreate: Play = async round => {
  const { arena, server, random } = round
  const role = `role_${randomBytes(6).toString('hex')}`
  const before = inTransactions.slice(0, random.pick([0, 1, 3]))
  const here = await applied(round, before, inTransactions)
  await server.admin.unsafe(`CREATE ROLE ${role} LOGIN`)
  await arena.ask(async sql => {
    await sql.unsafe('REVOKE CREATE ON SCHEMA public FROM public')
    for (const schema of before.length > 0 ? ['public', 'drizzle'] : ['public']) {
      await sql.unsafe(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
      await sql.unsafe(`GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role}`)
      await sql.unsafe(`GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`)
    }
  })
  const refused = await refuses(round, here, { exit: 1, code: 'permission-denied', user: role })
  await arena.ask(sql => sql.unsafe(`DROP OWNED BY ${role}; DROP ROLE ${role}`))
  return [...refused, ...(await untilDone(round, here, inTransactions))]
}

async function untilInRecovery(arena: Arena): Promise<void> {
  for (;;) {
    const rows = await arena.ask(sql => sql`SELECT pg_is_in_recovery()`).catch(() => [])
    if (rows.length > 0) return
    await sleep(20)
  }
}
