import { type Reader, readerOf } from './derive-lexemes.ts'

/** What one clause of a DDL statement does, and to what. */
export interface Action {
  readonly verb: 'create' | 'drop' | 'alter' | 'rename' | 'move'
  readonly kind: ActionKind
  readonly schema: string
  /** The table that a column, constraint, index or policy belongs to; empty where the statement does not say. */
  readonly table: string
  readonly name: string
  /** The new name, schema or type. */
  readonly to?: string
}

export type ActionKind =
  | 'schema'
  | 'type'
  | 'sequence'
  | 'role'
  | 'table'
  | 'column'
  | 'constraint'
  | 'index'
  | 'policy'
  | 'view'

/** drizzle-kit up to 0.30 wrapped what may exist already. */
const WRAPPED =
  /^\s*DO \$\$ BEGIN\s+([\s\S]*?;)\s*EXCEPTION\s+WHEN duplicate_object THEN null;\s*END \$\$;?\s*$/

/** What a statement of the kinds that drizzle-kit writes does; undefined for any other. */
export function readDdl(text: string): Action[] | undefined {
  const wrapped = WRAPPED.exec(text)
  const reader = readerOf(wrapped?.[1] ?? text)
  if (reader.take('CREATE')) return readCreate(reader)
  if (reader.take('DROP')) return readDrop(reader)
  return reader.take('ALTER') ? readAlter(reader) : undefined
}

const KINDS: Readonly<Record<string, ActionKind>> = {
  SCHEMA: 'schema',
  TYPE: 'type',
  SEQUENCE: 'sequence',
  ROLE: 'role',
  TABLE: 'table',
  VIEW: 'view',
  INDEX: 'index',
}

function readKind(reader: Reader): ActionKind | undefined {
  reader.take('MATERIALIZED')
  return Object.entries(KINDS).find(([word]) => reader.take(word))?.[1]
}

function readCreate(reader: Reader): Action[] | undefined {
  reader.take('OR', 'REPLACE')
  reader.take('UNIQUE')
  if (reader.take('POLICY')) return [{ verb: 'create', ...readPolicy(reader) }]
  const kind = readKind(reader)
  if (!kind) return undefined
  reader.take('CONCURRENTLY')
  reader.take('IF', 'NOT', 'EXISTS')
  const { schema, name } = reader.qualified()
  if (kind === 'type' && !reader.take('AS', 'ENUM')) return undefined
  if (kind !== 'index') return [{ verb: 'create', kind, ...scoped(kind, schema, name), table: '' }]
  // CREATE INDEX ON t leaves the name to the server
  if (!reader.take('ON')) return undefined
  reader.take('ONLY')
  const on = reader.qualified()
  return [{ verb: 'create', kind, schema: on.schema, table: on.name, name }]
}

function readDrop(reader: Reader): Action[] | undefined {
  if (reader.take('POLICY')) {
    reader.take('IF', 'EXISTS')
    return [{ verb: 'drop', ...readPolicy(reader) }]
  }
  const kind = readKind(reader)
  if (!kind) return undefined
  reader.take('CONCURRENTLY')
  reader.take('IF', 'EXISTS')
  const actions: Action[] = []
  do {
    const { schema, name } = reader.qualified()
    actions.push({ verb: 'drop', kind, ...scoped(kind, schema, name), table: '' })
  } while (reader.nextClause())
  return actions
}

function readAlter(reader: Reader): Action[] | undefined {
  if (reader.take('POLICY')) return [{ verb: 'alter', ...readPolicy(reader) }]
  const kind = readKind(reader)
  if (!kind) return undefined
  reader.take('IF', 'EXISTS')
  reader.take('ONLY')
  const { schema, name } = reader.qualified()
  const own = { kind, ...scoped(kind, schema, name), table: '' }
  if (reader.take('RENAME', 'TO')) return [{ verb: 'rename', ...own, to: reader.name() }]
  if (reader.take('SET', 'SCHEMA')) return [{ verb: 'move', ...own, to: reader.name() }]
  if (kind === 'table') return readClauses(reader, schema, name)
  if (kind === 'type' && reader.take('RENAME', 'VALUE')) return undefined
  return [{ verb: 'alter', ...own }]
}

function readClauses(reader: Reader, schema: string, table: string): Action[] | undefined {
  const actions: Action[] = []
  do {
    const clause = readClause(reader)
    if (!clause) return undefined
    actions.push({ schema, table, ...clause })
  } while (reader.nextClause())
  return actions
}

type Clause = Pick<Action, 'verb' | 'kind' | 'name'> & { readonly table?: string; readonly to?: string }

function readClause(reader: Reader): Clause | undefined {
  if (reader.take('ADD')) return readAdd(reader)
  if (reader.take('DROP')) {
    const kind = reader.take('CONSTRAINT') ? 'constraint' : 'column'
    if (kind === 'column') reader.take('COLUMN')
    reader.take('IF', 'EXISTS')
    return { verb: 'drop', kind, name: reader.name() }
  }
  if (reader.take('ALTER')) {
    if (reader.take('CONSTRAINT')) return { verb: 'alter', kind: 'constraint', name: reader.name() }
    reader.take('COLUMN')
    const name = reader.name()
    const typed = reader.take('SET', 'DATA', 'TYPE') || reader.take('TYPE')
    return { verb: 'alter', kind: 'column', name, ...(typed && { to: reader.until('USING', 'COLLATE') }) }
  }
  if (reader.take('VALIDATE', 'CONSTRAINT')) return { verb: 'alter', kind: 'constraint', name: reader.name() }
  if (reader.take('RENAME')) {
    const kind = reader.take('CONSTRAINT') ? 'constraint' : 'column'
    reader.take('COLUMN')
    const name = reader.name()
    return reader.take('TO') ? { verb: 'rename', kind, name, to: reader.name() } : undefined
  }
  const security =
    reader.take('ENABLE', 'ROW') ||
    reader.take('DISABLE', 'ROW') ||
    reader.take('FORCE', 'ROW') ||
    reader.take('NO', 'FORCE', 'ROW')
  // row level security, which is the table's own
  return security ? { verb: 'alter', kind: 'table', name: '' } : undefined
}

const UNNAMED = ['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'EXCLUDE']

function readAdd(reader: Reader): Clause | undefined {
  if (reader.take('CONSTRAINT')) return { verb: 'create', kind: 'constraint', name: reader.name() }
  if (UNNAMED.some(word => reader.take(word))) return { verb: 'create', kind: 'constraint', name: '' }
  reader.take('COLUMN')
  reader.take('IF', 'NOT', 'EXISTS')
  return { verb: 'create', kind: 'column', name: reader.name() }
}

function readPolicy(reader: Reader): Omit<Action, 'verb'> {
  const name = reader.name()
  reader.take('ON')
  const on = reader.qualified()
  return { kind: 'policy', schema: on.schema, table: on.name, name }
}

/** Schemas and roles stand in no schema. */
function scoped(kind: ActionKind, schema: string, name: string): { schema: string; name: string } {
  return kind === 'schema' || kind === 'role' ? { schema: '', name } : { schema, name }
}
