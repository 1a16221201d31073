import { quoted } from '../database/identifier.ts'
import { type Needed, neededOnSchema, neededOnSequence, neededOnTable } from './needed.ts'

const DENIED = /^permission denied for ([a-z ]+?) (\S.*)$/
const NOT_OWNER = /^must be owner of ([a-z ]+?) (\S.*)$/

interface Grantable {
  /** What GRANT wants before the name. */
  readonly on: string
  needed(name: string, statement: string): Needed
}

const SELECTING: Grantable = { on: '', needed: () => ({ privileges: ['SELECT'] }) }

const KINDS: Readonly<Record<string, Grantable>> = {
  database: { on: 'DATABASE ', needed: () => ({ privileges: ['CREATE'] }) },
  schema: { on: 'SCHEMA ', needed: (_, statement) => neededOnSchema(statement) },
  table: { on: '', needed: neededOnTable },
  view: SELECTING,
  'materialized view': SELECTING,
  sequence: { on: 'SEQUENCE ', needed: (_, statement) => neededOnSequence(statement) },
  function: { on: 'FUNCTION ', needed: () => ({ privileges: ['EXECUTE'] }) },
}

/**
 * The statement that ends `permission denied for …`, or undefined where the words do not tell. It grants no more than
 * the refused statement needs.
 */
export function grantHint(said: string, user: string | undefined, refused: string): string | undefined {
  const grantee = user === undefined ? 'this user' : quoted(user)
  const [, deniedKind = '', denied = ''] = DENIED.exec(said) ?? []
  const kind = KINDS[deniedKind]
  if (kind) {
    const { privileges, schema } = kind.needed(denied, refused)
    const place = quoted(...(schema === undefined ? [] : [schema]), denied)
    return `As its owner: GRANT ${privileges.join(', ')} ON ${kind.on}${place} TO ${grantee}.`
  }
  const [, ownedKind, owned] = NOT_OWNER.exec(said) ?? []
  if (ownedKind && owned)
    return `Connect as its owner, or have it given: ALTER ${ownedKind.toUpperCase()} ${quoted(owned)} OWNER TO ${grantee}.`
  if (said === 'permission denied to create database')
    return `As a superuser: ALTER ROLE ${grantee} CREATEDB.`
  return undefined
}
