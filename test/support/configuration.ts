import { appendFile, chmod, chown, copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverAccount } from './account.ts'
import { certificates } from './certificates.ts'

export type Settings = Readonly<Record<string, string | number | boolean>>

export interface Configuration {
  readonly root: string
  readonly port: number
  readonly tls: boolean
  readonly settings: Settings
}

// A role that is a member of `password_users` or `tls_users` cannot enter without; everyone else is trusted.
const hba = `
local     all          +password_users                scram-sha-256
local     all          all                            trust
local     replication  all                            trust
hostnossl all          +tls_users       127.0.0.1/32  reject
host      all          +password_users  127.0.0.1/32  scram-sha-256
host      all          all              127.0.0.1/32  trust
host      replication  all              127.0.0.1/32  trust
`

export async function configure({ root, port, tls, settings }: Configuration) {
  const data = join(root, 'data')
  const all: Settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: root,
    max_connections: 100,
    timezone: 'UTC',
    log_timezone: 'UTC',
    fsync: false,
    synchronous_commit: false,
    full_page_writes: false,
    wal_level: 'replica',
    max_wal_senders: 10,
    max_wal_size: '256MB',
    ssl: tls,
    ssl_cert_file: 'server.pem',
    ssl_key_file: 'server.key',
    ...settings,
  }
  await writeFile(join(data, 'pg_hba.conf'), hba)
  await appendFile(join(data, 'postgresql.conf'), Object.entries(all).map(line).join(''))
  await install(certificates.server, join(data, 'server.pem'))
  await install(certificates.misnamed, join(data, 'misnamed.pem'))
  await install(certificates.serverKey, join(data, 'server.key'))
}

function line([name, value]: [string, string | number | boolean]) {
  return `${name} = '${String(value).replaceAll("'", "''")}'\n`
}

// The server refuses a key that others may read.
async function install(source: string, file: string) {
  await copyFile(source, file)
  await chmod(file, 0o600)
  const account = serverAccount()
  if (account) await chown(file, account.uid, account.gid)
}
