import { randomBytes } from 'node:crypto'
import type { PostgresMajor } from './runtimes.ts'
import { admin, newestMajor } from './shared-servers.ts'

export interface TestRole {
  readonly name: string
  readonly password: string
}

// What pg_hba.conf asks of the members of a group.
const groups = { password: 'password_users', tls: 'tls_users' }

/**
 * A role that may log in, but not without its password or TLS if it needs that. It stays until the server ends:
 * dropping it would have to wait for every database in which it owns something.
 */
export async function freshRole(
  needs?: keyof typeof groups,
  major: PostgresMajor = newestMajor(),
): Promise<TestRole> {
  const role = {
    name: `role_${randomBytes(6).toString('hex')}`,
    password: randomBytes(9).toString('base64url'),
  }
  const membership = needs ? `IN ROLE ${groups[needs]}` : ''
  await admin(major).unsafe(`CREATE ROLE ${role.name} LOGIN PASSWORD '${role.password}' ${membership}`)
  return role
}
