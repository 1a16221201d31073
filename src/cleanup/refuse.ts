import type { Database } from '../database/database.ts'
import { identifier, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import type { Estimate } from './estimate.ts'
import { sweepOf } from './statements.ts'
import { nameOf, type Subject } from './subject.ts'

/** From this size on a batch without an index would read the table again and again. */
const LARGE = 100 * 1024 * 1024
/** Of a table: more is rather a mistaken unit than a policy. */
const MOST = 0.5

/** Refuses what would hurt, before anything is deleted. Throws OpsError, exit 1. */
export async function refuseHarm(
  database: Database,
  subject: Subject,
  others: readonly Subject[],
  cutoff: string | null,
): Promise<void> {
  if (database.server.inRecovery || database.server.readOnly) throw readOnly(database)
  refuseMissingRight(database, subject)
  refuseWithoutIndex(subject)
  for (const reference of subject.references) {
    const rule = ON_DELETE[reference.onDelete] ?? 'NO ACTION'
    if (!BLOCKING.includes(rule) && !reference.indexed) throw cascadeWithoutIndex(subject, reference, rule)
    const goesFirst = others.some(({ table }) => table.oid === reference.table)
    if (BLOCKING.includes(rule) && !goesFirst && (await isReferenced(database, subject, reference, cutoff)))
      throw referenced(subject, reference, rule)
  }
}

/** Refuses a policy that would take more than half of the table. Throws OpsError `large`, exit 1. */
export function refuseLarge(
  { policy, table }: Subject,
  { matched, rows, exact }: Estimate,
  allow: readonly string[],
): void {
  if (rows === 0 || matched / rows <= MOST || allow.includes('large')) return
  const share = Math.round((matched / rows) * 100)
  throw new OpsError({
    code: 'large',
    message: `The policy ${policy.name} would delete ${exact ? '' : 'about '}${matched} of ${rows} rows of ${nameOf(table)} (${share} %), more than half of it.`,
    hint: 'If its age is what you mean, add --allow large. See the rows first: --dry-run.',
  })
}

const ON_DELETE: Readonly<Record<string, string>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}
const BLOCKING = ['NO ACTION', 'RESTRICT']

type Reference = Subject['references'][number]

/** Children whose policy runs in the same command go first, so that nothing refers to what goes later. */
export function childrenFirst(subjects: readonly Subject[]): Subject[] {
  const ordered: Subject[] = []
  const visit = (subject: Subject, path: readonly Subject[]) => {
    if (ordered.includes(subject) || path.includes(subject)) return
    for (const child of subjects.filter(({ table }) =>
      subject.references.some(key => key.table === table.oid),
    ))
      visit(child, [...path, subject])
    ordered.push(subject)
  }
  for (const subject of subjects) visit(subject, [])
  return ordered
}

async function isReferenced(
  database: Database,
  subject: Subject,
  { from, columns, referenced }: Reference,
  cutoff: string | null,
): Promise<boolean> {
  const { sql } = database
  const [schema = '', ...name] = from.split('.')
  const pairs = columns.reduce((all, column, index) => {
    const pair = sql`child.${identifier(sql, column)} = t.${identifier(sql, referenced[index] ?? '')}`
    return index === 0 ? pair : sql`${all} AND ${pair}`
  }, sql``)
  for (const leaf of subject.leaves) {
    const { condition } = sweepOf(database, subject, leaf, cutoff)
    const rows = await database.query`
      SELECT FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t
      WHERE ${condition} AND EXISTS (SELECT FROM ${identifier(sql, schema, name.join('.'))} AS child WHERE ${pairs})
      LIMIT 1`
    if (rows.length > 0) return true
  }
  return false
}

function refuseMissingRight({ identity }: Database, { policy, leaves }: Subject): void {
  const closed = leaves.find(({ mayDelete }) => !mayDelete)
  if (!closed) return
  throw new OpsError({
    code: 'permission-denied',
    message: `${identity.user} may not delete from ${nameOf(closed)}, as the policy ${policy.name} would.`,
    hint: `As its owner: GRANT SELECT, DELETE ON ${quoted(closed.schema, closed.name)} TO ${quoted(identity.user)}.`,
  })
}

function refuseWithoutIndex({ policy, table, column, leaves }: Subject): void {
  const large = leaves.find(({ bytes }) => bytes > LARGE)
  if (column.indexed || !large || policy.kind === 'orphans') return
  throw new OpsError({
    code: 'policy-index',
    message: `The policy ${policy.name} would read all of ${nameOf(table)} again for every batch: no index leads with ${column.name}.`,
    hint: `Make one first: CREATE INDEX CONCURRENTLY ON ${quoted(table.schema, table.name)} (${quoted(column.name)});`,
  })
}

function cascadeWithoutIndex(
  { policy, table }: Subject,
  { name, from, columns }: Reference,
  rule: string,
): OpsError {
  const [schema = '', ...rest] = from.split('.')
  return new OpsError({
    code: 'policy-cascade',
    message: `Each row that the policy ${policy.name} deletes from ${nameOf(table)} would read all of ${from}: its foreign key ${name} is ON DELETE ${rule}, and no index leads with ${columns.join(', ')}.`,
    hint: `Make one first: CREATE INDEX CONCURRENTLY ON ${quoted(schema, rest.join('.'))} (${columns.map(column => quoted(column)).join(', ')});`,
  })
}

function referenced({ policy, table }: Subject, { name, from }: Reference, rule: string): OpsError {
  return new OpsError({
    code: 'policy-referenced',
    message: `Rows of ${from} refer to rows of ${nameOf(table)} that the policy ${policy.name} would delete, and the foreign key ${name} is ON DELETE ${rule}.`,
    hint: `Clean ${from} up as well, with a policy that takes those rows; policies of one run go children first.`,
  })
}

function readOnly({ identity }: Database): OpsError {
  return new OpsError({
    code: 'read-only',
    message: `${identity.name} on ${identity.host} takes no writes: it is a standby, or sessions of this role are read-only.`,
    hint: 'Run cleanup on the primary.',
  })
}
