import { naiveTimestamps } from '../catalog/naive-timestamps.ts'
import { readerRights } from '../catalog/reader-rights.ts'
import { type ServerSetting, serverSettings, staleCollations } from '../catalog/server-settings.ts'
import { evictedStatements, statementStatistics } from '../catalog/statement-statistics.ts'
import { quoted } from '../database/identifier.ts'
import { type Check, type Finding, finding, orOk } from './check.ts'
import { grantStats } from './sight.ts'

/** What data is lost without. */
const DURABLE = ['fsync', 'full_page_writes']
/** What keeps one bad statement from stopping everybody; 0 is never. */
const TIMEOUTS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']

export const settings: Check = {
  id: 'settings',
  async run({ database }) {
    const all = await serverSettings(database, [...DURABLE, ...TIMEOUTS])
    const collations = await staleCollations(database)
    const unset = all
      .filter(({ name, value }) => TIMEOUTS.includes(name) && value === '0')
      .map(({ name }) => name)
    return orOk(
      [
        ...all.filter(({ pendingRestart }) => pendingRestart).map(pending),
        ...all.filter(({ name, value }) => DURABLE.includes(name) && value === 'off').map(unsafe),
        ...collations.map(({ name, recorded, actual }) =>
          finding(
            'warn',
            `${name === null ? `The collation of ${database.identity.name}` : `The collation ${name}`} was version ${recorded} when its indexes were built and is ${actual} now: they may miss rows.`,
            {
              object: name ?? database.identity.name,
              value: actual,
              fix:
                name === null
                  ? `REINDEX DATABASE ${quoted(database.identity.name)}; ALTER DATABASE ${quoted(database.identity.name)} REFRESH COLLATION VERSION;`
                  : `REINDEX DATABASE ${quoted(database.identity.name)}; ALTER COLLATION ${name} REFRESH VERSION;`,
            },
          ),
        ),
        ...(unset.length > 0
          ? [
              finding(
                'ok',
                `Without ${unset.join(', ')} one statement or session can stop everybody for ever.`,
                {
                  fix: unset
                    .map(
                      name =>
                        `ALTER DATABASE ${quoted(database.identity.name)} SET ${name} = '${SENSIBLE[name]}';`,
                    )
                    .join(' '),
                },
              ),
            ]
          : []),
      ],
      'Nothing waits for a restart, and timeouts are set.',
    )
  },
}

const SENSIBLE: Readonly<Record<string, string>> = {
  statement_timeout: '60s',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '5min',
}

function pending({ name }: ServerSetting): Finding {
  return finding(
    'warn',
    `${name} was changed and waits for a restart: until then the old value is in force.`,
    {
      object: name,
      fix: 'Restart the server when it suits.',
    },
  )
}

function unsafe({ name }: ServerSetting): Finding {
  return finding('critical', `${name} is off: a crash of the machine may destroy the database.`, {
    object: name,
    value: 'off',
    fix: `ALTER SYSTEM SET ${name} = on; SELECT pg_reload_conf();`,
  })
}

const UTC = /^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Universal|Greenwich|GMT[+-]?0)$/i
const NAMED = 3

/** Drizzle's timestamp() is without time zone and holds UTC; now() in such a session is not. */
export const timeZone: Check = {
  id: 'time-zone',
  async run({ database }) {
    const [zone] = (await serverSettings(database, ['TimeZone'])).filter(({ name }) => name === 'TimeZone')
    const value = zone?.value ?? ''
    if (UTC.test(value)) return finding('ok', 'Sessions run in UTC.', { value })
    const columns = await naiveTimestamps(database)
    const [first] = columns
    if (!first)
      return finding('ok', `Sessions run in ${value}, and no column is a timestamp without time zone.`, {
        value,
      })
    const it = columns.length === 1 ? 'it' : 'them'
    const named = columns.slice(0, NAMED).map(({ schema, table, column }) => `${schema}.${table}.${column}`)
    return finding(
      'warn',
      `Sessions run in ${value}, and ${columnsAre(columns.length)} without time zone (${named.join(', ')}${columns.length > NAMED ? ', …' : ''}): Drizzle fills ${it} with UTC, so comparing ${it} with now() is off by the zone, and a cleanup may delete what has not expired.`,
      {
        value,
        fix: `ALTER DATABASE ${quoted(database.identity.name)} SET timezone = 'UTC';`,
        evidence: columns,
        remedy: {
          schema: first.schema,
          table: first.table,
          column: first.column,
          change: () =>
            "Declare such columns as timestamp({ withTimezone: true }), then generate a migration that converts USING … AT TIME ZONE 'UTC'.",
        },
      },
    )
  },
}

function columnsAre(count: number): string {
  return count === 1 ? '1 column is a timestamp' : `${count} columns are timestamps`
}

export const statementsExtension: Check = {
  id: 'statements-extension',
  async run({ database }) {
    const { available, schema, loaded } = await statementStatistics(database)
    if (schema === null) {
      return finding(
        'ok',
        'pg_stat_statements is not installed: nobody knows which statements take the time.',
        {
          value: 'missing',
          fix: available
            ? `${loaded ? '' : 'Add pg_stat_statements to shared_preload_libraries and restart; then '}CREATE EXTENSION pg_stat_statements;`
            : 'Install the contrib package of the server.',
        },
      )
    }
    if (!loaded) {
      return finding('warn', 'pg_stat_statements is created but not loaded: it counts nothing.', {
        value: 'not loaded',
        fix: 'Add pg_stat_statements to shared_preload_libraries, and restart.',
      })
    }
    if (!(await readerRights(database)).allStats) {
      return finding(
        'unknown',
        `pg_stat_statements hides the statements of other roles from ${database.identity.user}.`,
        {
          fix: grantStats(database),
        },
      )
    }
    const evictions = await evictedStatements(database, schema)
    if (evictions === 0) return finding('ok', 'pg_stat_statements counts.', { value: 'loaded' })
    return finding(
      'ok',
      `pg_stat_statements has thrown out statements ${evictions} times for want of room.`,
      {
        value: evictions,
        unit: 'evictions',
        fix: 'Raise pg_stat_statements.max, and restart.',
      },
    )
  },
}
