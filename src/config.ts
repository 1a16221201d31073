import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { HealthCheckId } from './health/ids.ts'
import type { Level, RuleName } from './lint/catalogue.ts'

/** A TypeScript module of Drizzle tables, as `typeof import('./schema')` gives it. */
type SchemaModule = object

interface NamedTable {
  readonly _: {
    readonly name: string
    readonly columns: Record<string, { readonly _: { readonly name: string } }>
  }
}

type Tables<Schema> = Extract<Schema[keyof Schema], NamedTable>

/** The names of a schema's tables in the database. Any string where no schema is given. */
export type TableName<Schema> = [Tables<Schema>] extends [never] ? string : Tables<Schema>['_']['name']

type ColumnsOf<Table> = Table extends NamedTable
  ? (keyof Table['_']['columns'] & string) | Table['_']['columns'][keyof Table['_']['columns']]['_']['name']
  : never

/** The names of one table's columns, in the database or in TypeScript. */
export type ColumnName<Schema, Table extends string> = [Tables<Schema>] extends [never]
  ? string
  : ColumnsOf<Extract<Tables<Schema>, { readonly _: { readonly name: Table } }>>

/** `table.column` for every column of a schema. */
export type QualifiedColumn<Schema> = [Tables<Schema>] extends [never]
  ? string
  : { [Table in TableName<Schema>]: `${Table}.${ColumnName<Schema, Table>}` }[TableName<Schema>]

/** One thing that expires: rows whose `column` lies further back than `olderThan`, such as `30d`. NULL never expires. */
export type CleanupPolicy<Schema> = {
  [Table in TableName<Schema>]: {
    readonly table: Table
    readonly column: ColumnName<Schema, Table>
    readonly olderThan: string
    /** Spares the newest rows of each value of `per`, however old they are. */
    readonly keepLast?: { readonly per: ColumnName<Schema, Table>; readonly rows: number }
    /** Detaches and drops partitions that hold nothing else, instead of deleting their rows. */
    readonly dropPartitions?: boolean
  }
}[TableName<Schema>]

/** Rows that refer to what is gone: `column` holds a value that no `references.column` holds. */
export type OrphanPolicy<Schema> = {
  [Table in TableName<Schema>]: {
    readonly table: Table
    readonly column: ColumnName<Schema, Table>
    readonly references: { readonly table: TableName<Schema>; readonly column: string }
  }
}[TableName<Schema>]

/** A level for every finding of a rule, or the rows of the table from which on it is a warning and an error. */
export type LintSetting = 'off' | Level | { readonly warning?: number; readonly error?: number }

/** A query in the migration's own transaction: a tagged template whose values are bound. */
export type HookQuery = <Row extends object>(
  strings: TemplateStringsArray,
  ...values: unknown[]
) => Promise<Row[]>

export type MigrationHook = (query: HookQuery, migration: { readonly name: string }) => unknown

/** A reference that the database does not know of. */
export interface VirtualReference<Schema> {
  /** Where the value stands; several columns point together. */
  readonly column: QualifiedColumn<Schema> | readonly QualifiedColumn<Schema>[]
  /** The column, unique among its rows, that holds the same value. */
  readonly references: QualifiedColumn<Schema> | readonly QualifiedColumn<Schema>[]
  /** Only where other columns of the row hold these values: `{ table_name: 'projects' }`. */
  readonly when?: Readonly<Record<string, string>>
  /** Where in a JSON column the values stand, as a jsonpath: `$.actors[*].id`. */
  readonly path?: string
}

/** How export treats one reference. */
export interface EdgeRule {
  /** Whether rows that point by it belong to the row that they point to. */
  readonly own?: boolean
  /**
   * What becomes of the row that it points to: `embed` takes it along, `match` finds the target's own by a natural
   * key, `map` puts `--owner` in its place, `null` clears the column, `require` expects it to exist in the target.
   */
  readonly parent?: 'embed' | 'match' | 'map' | 'null' | 'require'
  /** The columns of the natural key for `match`. */
  readonly by?: readonly string[]
  /** A condition that rows must meet to come along by it, in SQL. */
  readonly where?: string
  /** At most so many rows for each row that they point to. */
  readonly limit?: number
}

/** How export replaces a value: the same value always by the same one. `sql` is an expression over `value`. */
export type Mask =
  | 'email'
  | 'name'
  | 'phone'
  | 'text'
  | 'hash'
  | 'uuid'
  | 'ip'
  | 'null'
  | { readonly sql: string }

/** The kinds of objects that `drift` compares. */
export type DriftKind =
  | 'schema'
  | 'extension'
  | 'enum'
  | 'domain'
  | 'type'
  | 'sequence'
  | 'table'
  | 'column'
  | 'constraint'
  | 'index'
  | 'statistics'
  | 'view'
  | 'materialized view'
  | 'function'
  | 'trigger'
  | 'rule'
  | 'policy'
  | 'privilege'
  | 'role'
  | 'migration'

/** What Drizzle's `sql` makes, and its query builders. */
interface DrizzleQuery {
  getSQL(): unknown
}

/** A question of the user's own. Columns that end in Bytes, Ms or Ratio are shown as such. */
export interface NamedQuery {
  /** What it answers, for `stats list`. */
  readonly description: string
  /** SQL, a Drizzle query, or a function of a Drizzle database that gives a query or its rows; it may be asynchronous. */
  readonly sql: string | DrizzleQuery | ((db: PostgresJsDatabase) => unknown)
}

/** A finding that does not count: reported as ever, but for the exit code. */
export interface HealthIgnore {
  readonly check: HealthCheckId
  /** As the finding names it, such as `public.users`; every object of the check where it is left out. */
  readonly object?: string
  readonly reason: string
  /** The last day on which it holds: `2027-01-31`. */
  readonly until?: string
}

export interface HealthConfig {
  readonly ignore?: readonly HealthIgnore[]
  /** In the unit that the check shows; null is never. */
  readonly thresholds?: Readonly<
    Partial<Record<HealthCheckId, { readonly warn?: number | null; readonly critical?: number | null }>>
  >
}

type SeedValue = string | number | boolean | null

/** What a function of `ops.seed.columns` may go by, so that the same seed makes the same values again. */
export interface SeedHelp {
  /** What the rows take for the present: `--now`. */
  readonly now: Date
  /** From 0 up to, but not, 1, by the seed, the column and the row; `draw` tells several of one row apart. */
  random(draw?: number): number
}

/** What a column is filled with. */
export type SeedValues = SeedValue | readonly SeedValue[] | ((row: number, help: SeedHelp) => unknown)

/** What `drizzle.config.ts` may export as `ops`. Everything works without it. */
export interface OpsConfig<Schema extends SchemaModule = SchemaModule> {
  /** Databases that destructive commands touch only with `--on <name>`. */
  readonly protected?: readonly string[]
  /** Whether this is the platform that drizzle-ops ships with. */
  readonly platform?: boolean
  /** Whether to start an embedded PostgreSQL where no connection is configured. */
  readonly embedded?: boolean
  /** A direct URL for where the application's own goes through a transaction pooler. */
  readonly migrationUrl?: string | undefined
  /** Connections chosen by `--environment <name>` or NODE_ENV. */
  readonly environments?: Readonly<Record<string, { readonly url: string | undefined }>>
  /** How rows hang together beyond foreign keys, for export and import. */
  readonly graph?: {
    readonly roots?: Readonly<Record<string, TableName<Schema>>>
    /** Columns that point to rows without a foreign key. */
    readonly references?: readonly VirtualReference<Schema>[]
    /** By `table.column` or the constraint's name. */
    readonly edges?: Readonly<Record<string, EdgeRule>>
  }
  /** Columns whose values an export leaves out. */
  readonly redact?: readonly QualifiedColumn<Schema>[]
  /** Columns whose values an export replaces. */
  readonly mask?: Readonly<Partial<Record<QualifiedColumn<Schema>, Mask>>>
  /** What `cleanup` deletes. */
  readonly cleanup?: Readonly<Record<string, CleanupPolicy<Schema> | OrphanPolicy<Schema>>>
  /** Queries that `stats <name>` runs, read-only. */
  readonly stats?: Readonly<Record<string, NamedQuery>>
  /** What `health` is to overlook, and where it draws its lines. */
  readonly health?: HealthConfig
  readonly drift?: {
    /** What `drift` passes over, with all that belongs to it; a star stands for any characters: `table:public.tmp_*`. */
    readonly ignore?: readonly `${DriftKind}:${string}`[]
  }
  /** How bad each finding of `lint` is. */
  readonly lint?: { readonly rules?: Readonly<Partial<Record<RuleName, LintSetting>>> }
  /** What `seed` makes of the tables. */
  readonly seed?: {
    /** Rows by table; `--rows` goes before it. */
    readonly rows?: Readonly<Partial<Record<TableName<Schema>, number>>>
    /** Values by column: one, several to choose from, or a function of the row's number, from 0. */
    readonly columns?: Readonly<Partial<Record<QualifiedColumn<Schema>, SeedValues>>>
    /** A file of your own that `seed` runs where none is named. */
    readonly file?: string
  }
  readonly migrate?: {
    /** Called in each migration's transaction, before its first statement. */
    readonly before?: MigrationHook
    /** Called in each migration's transaction, after its last statement; what it throws rolls the migration back. */
    readonly after?: MigrationHook
  }
}

/**
 * Types the `ops` export of a drizzle config: `defineOps<typeof import('./src/schema')>({ … })`
 * checks table and column names without loading the schema.
 */
export function defineOps<Schema extends SchemaModule = SchemaModule>(
  ops: OpsConfig<Schema>,
): OpsConfig<Schema> {
  return ops
}

/** Policies for what Better Auth leaves behind: it deletes a session only when somebody presents that very one. */
export const betterAuth = {
  sessions: { table: 'session', column: 'expires_at', olderThan: '0s' },
  verifications: { table: 'verification', column: 'expires_at', olderThan: '0s' },
} as const

/** Policies for what Auth.js leaves behind in the tables of its Drizzle adapter. */
export const authJs = {
  sessions: { table: 'session', column: 'expires', olderThan: '0s' },
  verificationTokens: { table: 'verificationToken', column: 'expires', olderThan: '0s' },
} as const

/** A policy for rows whose `deleted_at` was set long ago: `trash: softDelete('projects', '90d')`. */
export function softDelete<const Table extends string>(table: Table, olderThan = '30d') {
  return { table, column: 'deleted_at', olderThan } as const
}
