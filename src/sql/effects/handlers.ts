import type { Node } from 'libpg-query'
import { type Draft, unknown } from '../draft.ts'
import type { Body, Kind } from '../tree.ts'
import { alterTable } from './alter-table.ts'
import { createTable } from './create-table.ts'
import { drop } from './drop.ts'
import { cluster, copy, lockTables, reindex, truncate, vacuum } from './maintenance.ts'
import { createIndex } from './make-index.ts'
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
} from './others.ts'
import { readQuery } from './query.ts'
import { rename, setSchema } from './rename.ts'
import { createFromQuery, createView, refresh, selectInto } from './views.ts'

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

/** Works out what one statement does. */
export function dispatch(draft: Draft, tree: Node): void {
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
