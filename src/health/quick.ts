import { connectionUse } from '../catalog/connections.ts'
import { inspect } from '../migrations/inspect.ts'
import type { MigrationState, State } from '../migrations/state.ts'
import { isLocal } from '../project/tls.ts'
import { type Check, type Finding, finding, judgeValue, type Subject, type Thresholds } from './check.ts'
import { lifeOf } from './versions.ts'

const LATENCY: Thresholds = { warn: 250, critical: 1000 }
/** Of the connections that an ordinary role can have: 100 % is where applications stand at the door. */
const CONNECTIONS: Thresholds = { warn: 0.8, critical: 0.95 }

/** The checks of `health` without `--deep`: all of them together take less than a second. */
export const quickChecks: readonly Check[] = [
  {
    id: 'connect',
    thresholds: LATENCY,
    run: async (subject, thresholds) => connectCheck(subject, thresholds),
  },
  { id: 'version', run: async subject => versionCheck(subject) },
  { id: 'role', run: async subject => roleCheck(subject) },
  { id: 'tls', run: async subject => tlsCheck(subject) },
  { id: 'migrations', run: migrationsCheck },
  { id: 'connections', thresholds: CONNECTIONS, run: connectionsCheck },
]

function connectCheck({ database }: Subject, thresholds: Thresholds): Finding {
  const { dns, tcp, tls, startup } = database.server.phases
  const total = (dns ?? 0) + (tcp ?? 0) + (tls ?? 0) + startup
  const steps = Object.entries({ dns, tcp, tls, session: startup }).flatMap(([name, ms]) =>
    ms === null ? [] : [`${name} ${ms.toFixed(1)}`],
  )
  return finding(judgeValue(total, thresholds), `Answered in ${total.toFixed(0)} ms (${steps.join(', ')}).`, {
    value: total,
    unit: 'ms',
    thresholds,
  })
}

function versionCheck({ database }: Subject): Finding {
  const { version, major, versionNumber } = database.server
  const life = lifeOf(major)
  const facts = { object: `PostgreSQL ${version}`, value: versionNumber }
  if (major < 14)
    return finding('critical', `PostgreSQL ${version} is older than what drizzle-ops knows (14).`, {
      ...facts,
      fix: 'Upgrade the server.',
    })
  if (!life) return finding('ok', `PostgreSQL ${version}, newer than what drizzle-ops knows.`, facts)
  if (Date.now() > Date.parse(life.end)) {
    return finding('warn', `PostgreSQL ${version} has had no fixes since ${life.end}.`, {
      ...facts,
      fix: 'Upgrade to a supported major version.',
    })
  }
  return finding('ok', `PostgreSQL ${version}, supported until ${life.end}.`, facts)
}

function roleCheck({ database }: Subject): Finding {
  const { inRecovery, readOnly } = database.server
  if (inRecovery) return finding('ok', 'A standby: it takes no writes.', { value: 'standby' })
  if (readOnly) {
    return finding('warn', 'A primary, but sessions of this role are read-only.', {
      value: 'primary',
      fix: 'See default_transaction_read_only of the role and the database.',
    })
  }
  return finding('ok', 'A primary that takes writes.', { value: 'primary' })
}

function tlsCheck({ database }: Subject): Finding {
  const { host } = database.identity
  if (database.server.encrypted) return finding('ok', 'The connection is encrypted.', { value: 'on' })
  if (isLocal(host))
    return finding('ok', 'Not encrypted, but it does not leave this machine.', { value: 'off' })
  return finding('warn', `What is sent to ${host} can be read on the way: the connection is not encrypted.`, {
    value: 'off',
    fix: 'Add ?sslmode=require to the URL.',
  })
}

const WORSE: readonly State[] = ['edited', 'missing', 'future']

async function migrationsCheck({ database, project }: Subject): Promise<Finding> {
  if (!project)
    return finding('skipped', 'No drizzle config was found, so there are no migrations to compare.')
  const states = (await inspect(database, project)).judged.map(({ state }) => state)
  const open = states.filter(
    ({ state, note }) =>
      ['pending', 'late'].includes(state) || (WORSE.includes(state) && !(state === 'missing' && note)),
  )
  if (open.length === 0)
    return finding('ok', `All migrations are applied (${states.length}).`, { value: 0, unit: 'migrations' })
  const worse = open.some(({ state }) => WORSE.includes(state))
  return finding(worse ? 'critical' : 'warn', notInOrder(open, states.length), {
    object: open[0]?.name ?? null,
    value: open.length,
    unit: 'migrations',
    fix: open.every(({ state }) => state === 'pending') ? 'drizzle-ops migrate' : 'drizzle-ops status',
  })
}

const NAMED = 3

function notInOrder(open: readonly MigrationState[], all: number): string {
  const named = open.slice(0, NAMED).map(({ name, state }) => `${name} (${state})`)
  if (open.length > NAMED) named.push('…')
  return `${open.length} of ${all} migrations ${open.length === 1 ? 'is' : 'are'} not in order: ${named.join(', ')}.`
}

async function connectionsCheck({ database }: Subject, thresholds: Thresholds): Promise<Finding> {
  const { used, usable } = await connectionUse(database)
  const status = judgeValue(used / usable, thresholds)
  return finding(status, `${used} of ${usable} usable connections are taken.`, {
    value: used / usable,
    unit: 'ratio',
    thresholds,
    fix: status === 'ok' ? null : 'Close idle sessions, put a pooler in front, or raise max_connections.',
  })
}
