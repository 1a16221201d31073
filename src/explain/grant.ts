const DENIED = /^permission denied for ([a-z ]+?) (\S.*)$/
const NOT_OWNER = /^must be owner of ([a-z ]+?) (\S.*)$/
const PLAIN = /^[a-z_][a-z0-9_]*$/

/** What the work of this tool needs of each kind of object. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  database: 'CREATE ON DATABASE',
  schema: 'USAGE, CREATE ON SCHEMA',
  table: 'SELECT, INSERT, UPDATE, DELETE ON',
  view: 'SELECT ON',
  'materialized view': 'SELECT ON',
  sequence: 'USAGE, SELECT ON SEQUENCE',
  function: 'EXECUTE ON FUNCTION',
}

/** The statement that ends `permission denied for …`, or undefined where the words do not tell. */
export function grantHint(said: string, user: string | undefined): string | undefined {
  const grantee = user === undefined ? 'this user' : quotedIdentifier(user)
  const [, deniedKind = '', denied = ''] = DENIED.exec(said) ?? []
  const privileges = PRIVILEGES[deniedKind]
  if (privileges) return `As its owner: GRANT ${privileges} ${quotedIdentifier(denied)} TO ${grantee}.`
  const [, ownedKind, owned] = NOT_OWNER.exec(said) ?? []
  if (ownedKind && owned)
    return `Connect as its owner, or have it given: ALTER ${ownedKind.toUpperCase()} ${quotedIdentifier(owned)} OWNER TO ${grantee}.`
  if (said === 'permission denied to create database')
    return `As a superuser: ALTER ROLE ${grantee} CREATEDB.`
  return undefined
}

/** A name as SQL takes it. */
export function quotedIdentifier(name: string): string {
  return PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
