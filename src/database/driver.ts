import type { Socket } from 'node:net'
import postgres from 'postgres'
import type { Target } from '../project/target.ts'
import type { ConnectOptions } from './connect.ts'
import { connectionClosed } from './stranger.ts'

/**
 * postgres.js reads PGTARGETSESSIONATTRS by itself and throws at libpq's own default `any`. With no host of its
 * own to go on to, `prefer-standby` takes every server: the roles are judged in `fits`.
 */
const withoutItsOwnVariables = { host: [], port: [], target_session_attrs: 'prefer-standby' }

/** An instant as text goes as it is: the driver would make a Date of it, and cut it to milliseconds. */
const instants = {
  to: 1184,
  from: [1082, 1114, 1184],
  serialize: (value: Date | string) => (value instanceof Date ? value.toISOString() : value),
  parse: (text: string) => new Date(text),
}

/** postgres.js on a socket that is open already, for one session. */
export function driver(
  socket: Socket,
  target: Target,
  { applicationName, notice }: Pick<ConnectOptions, 'applicationName' | 'notice'>,
): postgres.Sql {
  let handedOut = false
  return postgres({
    ...withoutItsOwnVariables,
    database: target.database,
    username: target.user,
    pass: target.password() ?? '',
    // postgres.js reconnects in silence: the new session would have neither our locks nor our settings
    socket: () => {
      if (handedOut) throw connectionClosed()
      handedOut = true
      return socket
    },
    ssl: false,
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: 0,
    backoff: () => 0,
    fetch_types: false,
    prepare: false,
    types: { date: instants },
    onnotice: ({ severity, message }: postgres.Notice) => notice?.(`${severity}: ${message}`),
    connection: { application_name: applicationName, ...(target.options && { options: target.options }) },
  } as unknown as postgres.Options<Record<string, never>>)
}
