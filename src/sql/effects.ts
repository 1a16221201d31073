import type { Node } from 'libpg-query'
import type { Oid } from '../catalog/relations.ts'
import {
  byRelation,
  type Draft,
  type HeldLock,
  type Lock,
  NOWHERE,
  newDraft,
  qualified,
  type ServerFacts,
  unknown,
} from './draft.ts'
import { alterTable } from './effects/alter-table.ts'
import { createTable } from './effects/create-table.ts'
import { drop } from './effects/drop.ts'
import { cluster, copy, lockTables, reindex, truncate, vacuum } from './effects/maintenance.ts'
import { createIndex } from './effects/make-index.ts'
import {
  alterDomain,
  alterPublication,
  alterSequence,
  comment,
  createComposite,
  createDomain,
  createEnum,
  createFunction,
  createPublication,
  createRule,
  createSequence,
  createStatistics,
  createTrigger,
  grant,
  policy,
  setVariable,
} from './effects/others.ts'
import { readQuery } from './effects/query.ts'
import { rename, setSchema } from './effects/rename.ts'
import { createFromQuery, createView, refresh, selectInto } from './effects/views.ts'
import type { ParsedStatement, Parser } from './parse.ts'
import { holders, type Relation, type RelationKind, type Relations } from './relations.ts'
import type { Body, Kind } from './tree.ts'

/** What a statement does to others who work with the database. */
export interface Effects {
  readonly locks: readonly Lock[]
  /** Tables whose rows are copied into a new file while nobody can read them. */
  readonly rewrites: readonly string[]
  /** Tables of which every row is read while the statement's lock is held. */
  readonly scans: readonly string[]
  readonly truncates: readonly string[]
  /** What cannot be told from the statement, in words. Empty: it was analysed wholly. */
  readonly notAnalysed: readonly string[]
  /** The tables of `locks` that stand there already. */
  readonly tables: readonly LockedTable[]
}

export interface LockedTable {
  readonly relation: string
  /** As estimated. */
  readonly rows: number | null
  /** The table itself, or its partitions. */
  readonly holders: readonly Oid[]
}

type Handlers = { readonly [K in Kind]?: (draft: Draft, body: Body<K>) => void }

const query = (kind: Kind) => (draft: Draft, body: object) => readQuery(draft, { [kind]: body })
const nothing = () => undefined
const runs = (what: string) => (draft: Draft) => unknown(draft, what)

const HANDLERS: Handlers = {
  CreateStmt: createTable,
  AlterTableStmt: alterTable,
  IndexStmt: createIndex,
  DropStmt: drop,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  CreateTableAsStmt: createFromQuery,
  ViewStmt: createView,
  RefreshMatViewStmt: refresh,
  TruncateStmt: truncate,
  LockStmt: lockTables,
  CopyStmt: copy,
  VacuumStmt: vacuum,
  ClusterStmt: cluster,
  ReindexStmt: reindex,
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  CreateTrigStmt: createTrigger,
  CreatePolicyStmt: policy,
  AlterPolicyStmt: policy,
  RuleStmt: createRule,
  CreateStatsStmt: createStatistics,
  CommentStmt: comment,
  GrantStmt: grant,
  CreatePublicationStmt: createPublication,
  AlterPublicationStmt: alterPublication,
  CompositeTypeStmt: createComposite,
  CreateEnumStmt: createEnum,
  CreateDomainStmt: createDomain,
  AlterDomainStmt: alterDomain,
  CreateFunctionStmt: createFunction,
  VariableSetStmt: setVariable,
  SelectStmt: (draft, body) =>
    body.intoClause ? selectInto(draft, body) : readQuery(draft, { SelectStmt: body }),
  InsertStmt: query('InsertStmt'),
  UpdateStmt: query('UpdateStmt'),
  DeleteStmt: query('DeleteStmt'),
  MergeStmt: query('MergeStmt'),
  DeclareCursorStmt: (draft, body) => readQuery(draft, body.query),
  ExplainStmt: (draft, body) => readQuery(draft, body.query),
  PrepareStmt: (draft, body) => readQuery(draft, body.query, 'define'),
  CreateSchemaStmt: (draft, body) => createSchema(draft, body),
  DoStmt: runs('runs a DO block'),
  CallStmt: runs('calls a procedure'),
  ExecuteStmt: runs('runs a prepared statement'),
  CreateExtensionStmt: runs("runs an extension's script"),
  AlterExtensionStmt: runs("runs an extension's script"),
  DropOwnedStmt: runs('drops what a role owns'),
  ReassignOwnedStmt: runs('hands over what a role owns'),
  ImportForeignSchemaStmt: runs('makes foreign tables'),
  // neither touches a table
  AlterEnumStmt: nothing,
  AlterOwnerStmt: nothing,
  AlterFunctionStmt: nothing,
  AlterTypeStmt: nothing,
  AlterDefaultPrivilegesStmt: nothing,
  AlterDatabaseStmt: nothing,
  AlterDatabaseSetStmt: nothing,
  AlterRoleStmt: nothing,
  AlterRoleSetStmt: nothing,
  AlterSystemStmt: nothing,
  AlterStatsStmt: nothing,
  AlterCollationStmt: nothing,
  AlterOperatorStmt: nothing,
  AlterObjectDependsStmt: nothing,
  ConstraintsSetStmt: nothing,
  CreateCastStmt: nothing,
  CreateConversionStmt: nothing,
  CreateOpClassStmt: nothing,
  CreateOpFamilyStmt: nothing,
  CreateRangeStmt: nothing,
  CreateRoleStmt: nothing,
  CreateEventTrigStmt: nothing,
  CreateFdwStmt: nothing,
  CreateForeignServerStmt: nothing,
  CreateUserMappingStmt: nothing,
  CreatePLangStmt: nothing,
  CreatedbStmt: nothing,
  DropdbStmt: nothing,
  DropRoleStmt: nothing,
  GrantRoleStmt: nothing,
  DefineStmt: nothing,
  DeallocateStmt: nothing,
  DiscardStmt: nothing,
  ListenStmt: nothing,
  UnlistenStmt: nothing,
  NotifyStmt: nothing,
  TransactionStmt: nothing,
  VariableShowStmt: nothing,
}

/**
 * Works out what a statement does, and lets `relations` be as the statement leaves them, for those that follow.
 * Every rule is what pg_locks shows on PostgreSQL 14 to 18. Locks on system catalogs and TOAST tables are left out.
 */
export function effectsOf(
  statement: ParsedStatement,
  server: ServerFacts,
  relations: Relations,
  parser: Parser,
): Effects {
  const draft = newDraft(server, relations, parser)
  for (const each of statement.inner ?? [statement]) workOn(draft, each)
  const locks = [...draft.locks.values()]
  return {
    locks: locks.map(({ lock }) => lock).toSorted(byRelation),
    rewrites: namesOf(draft.rewrites),
    scans: namesOf(draft.scans),
    truncates: namesOf(draft.truncates),
    notAnalysed: [...draft.unknown],
    tables: tablesOf(locks),
  }
}

/** A UNION of tens of thousands goes deeper than functions can call each other. */
function workOn(draft: Draft, { tree, reason }: ParsedStatement): void {
  try {
    if (tree) dispatch(draft, tree)
    else unknown(draft, `cannot be parsed: ${reason}`)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    unknown(draft, 'is too deep to be analysed')
  }
}

function dispatch(draft: Draft, tree: Node): void {
  for (const [kind, body] of Object.entries(tree)) {
    const handler = HANDLERS[kind as Kind] as ((draft: Draft, body: object) => void) | undefined
    if (handler) handler(draft, body)
    else unknown(draft, `is a ${kind}, of which nothing is known`)
  }
}

/** The objects that CREATE SCHEMA brings go into it. */
function createSchema(draft: Draft, { schemaname = '', schemaElts = [] }: Body<'CreateSchemaStmt'>): void {
  const { relations } = draft
  const { searchPath } = relations
  relations.searchPath = [schemaname, ...searchPath]
  for (const element of schemaElts) dispatch(draft, element)
  relations.searchPath = searchPath
}

const TABLES: readonly RelationKind[] = ['table', 'partitioned table', 'materialized view']

function tablesOf(locks: readonly HeldLock[]): LockedTable[] {
  const tables = new Map(
    locks
      .filter(({ of }) => TABLES.includes(of.kind) && of.oid !== undefined && of.oid !== NOWHERE)
      .map(({ lock, of }) => [lock.relation, of]),
  )
  return [...tables].map(([relation, of]) => {
    const all = holders(of)
    const rows = all.reduce<number | null>(
      (sum, each) => (each.rows === null ? sum : (sum ?? 0) + each.rows),
      null,
    )
    return { relation, rows, holders: all.flatMap(({ oid }) => oid ?? []) }
  })
}

function namesOf(relations: ReadonlySet<Relation>): string[] {
  return [...relations].map(qualified)
}
