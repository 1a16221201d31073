import { leavesOf } from '../catalog/leaves.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import type { Estimate } from './estimate.ts'
import { isBlocking, isReferenced, type Reference } from './references.ts'
import { nameOf, type Subject } from './subject.ts'

/** From this size on a batch without an index would read the table again and again. */
const LARGE = 100 * 1024 * 1024
/** Rows of a table that may be read for each row that goes, only to see that none of them refers to it. */
const READABLE = 10_000
/** Bytes that a row with a value takes at least: 4 for its place, 24 for its header, 8 for the value. */
const SMALLEST_ROW = 36
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
  const goWithThem = subject.references
    .filter(({ onDelete }) => onDelete === 'CASCADE')
    .map(({ child }) => child)
  for (const reference of subject.references) {
    const { key, child, onDelete, through } = reference
    const blocks = isBlocking(onDelete)
    if (!key.indexed && (!blocks || (await mostRows(database, reference)) > READABLE))
      throw keyWithoutIndex(subject, reference)
    // a row that one key holds back may go by another
    const goes =
      others.some(({ table }) => table.oid === child.oid) ||
      (through.length > 0 && goWithThem.includes(child))
    if (blocks && !goes && (await isReferenced(database, subject, reference, cutoff)))
      throw referenced(subject, reference)
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

/** Of the table that refers; of what was never counted, as many as there is room for. */
async function mostRows(database: Database, { key, child }: Reference): Promise<number> {
  const leaves = await leavesOf(database, child.oid)
  return leaves
    .filter(({ oid }) => key.leaves === null || key.leaves.includes(oid))
    .reduce((sum, { rows, bytes }) => sum + (rows < 0 ? bytes / SMALLEST_ROW : rows), 0)
}

/** Children whose policy runs in the same command go first, so that nothing refers to what goes later. */
export function childrenFirst(subjects: readonly Subject[]): Subject[] {
  const ordered: Subject[] = []
  const visit = (subject: Subject, path: readonly Subject[]) => {
    if (ordered.includes(subject) || path.includes(subject)) return
    for (const child of subjects.filter(({ table }) =>
      subject.references.some(({ child }) => child.oid === table.oid),
    ))
      visit(child, [...path, subject])
    ordered.push(subject)
  }
  for (const subject of subjects) visit(subject, [])
  return ordered
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

function keyWithoutIndex({ policy, table }: Subject, { key, child, onDelete }: Reference): OpsError {
  return new OpsError({
    code: 'policy-cascade',
    message: `Each row that the policy ${policy.name} deletes from ${nameOf(table)} would read all of ${nameOf(child)}: its foreign key ${key.name} is ON DELETE ${onDelete}, and no index leads with ${key.columns.join(', ')}.`,
    hint: `Make one first: CREATE INDEX CONCURRENTLY ON ${quoted(child.schema, child.name)} (${key.columns.map(column => quoted(column)).join(', ')});`,
  })
}

function referenced({ policy, table }: Subject, { key, child, onDelete, through }: Reference): OpsError {
  const parent = through.at(-1)?.child ?? table
  return new OpsError({
    code: 'policy-referenced',
    message: `Rows of ${nameOf(child)} refer to rows of ${nameOf(parent)} that the policy ${policy.name} would delete, and the foreign key ${key.name} is ON DELETE ${onDelete}.`,
    hint: `Clean ${nameOf(child)} up as well, with a policy that takes those rows; policies of one run go children first.`,
  })
}

function readOnly({ identity }: Database): OpsError {
  return new OpsError({
    code: 'read-only',
    message: `${identity.name} on ${identity.host} takes no writes: it is a standby, or sessions of this role are read-only.`,
    hint: 'Run cleanup on the primary.',
  })
}
