export const LEVELS = ['note', 'warning', 'error'] as const

export type Level = (typeof LEVELS)[number]

/**
 * How bad a finding is. `rows`: by the table's rows, since the lock lasts as long as they take. `data`: by the rows
 * that may be lost.
 */
export type Weight = Level | 'rows' | 'data'

interface RuleFacts {
  readonly weight: Weight
  /** What is dangerous, in a few words. */
  readonly summary: string
}

/** Every rule by its name. What each looks at is in `rules/`. */
export const CATALOGUE = {
  // locks that last as long as a table is large
  'index-not-concurrent': { weight: 'rows', summary: 'CREATE INDEX keeps writers out while it builds' },
  'drop-index-not-concurrent': { weight: 'rows', summary: 'DROP INDEX waits for every query on the table' },
  'reindex-not-concurrent': { weight: 'rows', summary: 'REINDEX keeps writers out while it builds' },
  'foreign-key-validates': { weight: 'rows', summary: 'a new foreign key reads the table under a lock' },
  'check-validates': { weight: 'rows', summary: 'a new check reads the table while nobody else can' },
  'set-not-null-scans': { weight: 'rows', summary: 'SET NOT NULL reads the table while nobody else can' },
  'unique-builds-index': { weight: 'rows', summary: 'a new unique constraint builds its index under a lock' },
  'unique-column-builds-index': {
    weight: 'rows',
    summary: 'a new unique column builds its index under a lock',
  },
  'primary-key-builds-index': { weight: 'rows', summary: 'a new primary key builds its index under a lock' },
  'exclusion-builds-index': {
    weight: 'rows',
    summary: 'a new exclusion constraint builds its index under a lock',
  },
  'validate-in-transaction': {
    weight: 'rows',
    summary: 'NOT VALID and VALIDATE in one transaction gain nothing',
  },
  'volatile-default': { weight: 'rows', summary: 'a new column with a volatile default rewrites the table' },
  'serial-column': { weight: 'rows', summary: 'a new serial or identity column rewrites the table' },
  'generated-column': { weight: 'rows', summary: 'a new stored generated column rewrites the table' },
  'type-change-rewrites': { weight: 'rows', summary: 'a type change rewrites the table' },
  'table-rewrite': { weight: 'rows', summary: 'the table is copied while nobody can read it' },
  'vacuum-full': { weight: 'rows', summary: 'VACUUM FULL copies the table while nobody can read it' },
  cluster: { weight: 'rows', summary: 'CLUSTER copies the table while nobody can read it' },
  'refresh-not-concurrent': { weight: 'rows', summary: 'REFRESH keeps readers out until the view is filled' },
  'detach-partition': { weight: 'rows', summary: 'DETACH PARTITION waits for every query on the parent' },
  'attach-partition-scans': { weight: 'rows', summary: 'ATTACH PARTITION reads the table under a lock' },
  'domain-constraint': {
    weight: 'warning',
    summary: 'a constraint on a domain reads every table that uses it',
  },
  'update-without-where': { weight: 'rows', summary: 'an UPDATE of the whole table in one transaction' },
  'rows-written-under-lock': {
    weight: 'rows',
    summary: 'rows are written while a table is locked for readers',
  },
  'scan-under-lock': {
    weight: 'rows',
    summary: 'a long statement runs while another table is locked for readers',
  },
  'explicit-lock': { weight: 'rows', summary: 'LOCK TABLE stops others until the file commits' },

  // rows that go, and programs that no longer find what they know
  'drop-column': { weight: 'data', summary: 'running programs still name the column; its values go' },
  'drop-table': { weight: 'data', summary: 'running programs still name the table; its rows go' },
  'drop-schema': { weight: 'data', summary: 'all that is in the schema goes' },
  'drop-database': { weight: 'error', summary: 'a migration that drops a database' },
  'drop-cascade': { weight: 'warning', summary: 'CASCADE takes along what is not named' },
  truncate: { weight: 'data', summary: 'TRUNCATE deletes every row' },
  'delete-without-where': { weight: 'data', summary: 'a DELETE of every row in one transaction' },
  'type-change-narrows': { weight: 'data', summary: 'the new type holds less than the old one' },
  'rename-table': { weight: 'warning', summary: 'running programs still use the old name' },
  'rename-column': { weight: 'warning', summary: 'running programs still use the old name' },
  'rename-schema': { weight: 'warning', summary: 'running programs still use the old name' },
  'rename-enum-value': { weight: 'warning', summary: 'running programs still use the old value' },
  'drop-not-null': { weight: 'note', summary: 'running programs do not expect NULL there' },
  'timestamp-zone-change': {
    weight: 'warning',
    summary: "the session's time zone decides what the times become",
  },

  // what fails when it runs
  'required-column': {
    weight: 'error',
    summary: 'a NOT NULL column without a default fails where there are rows',
  },
  'type-change-needs-using': { weight: 'error', summary: 'the type change needs a USING' },
  'enum-value-used': { weight: 'error', summary: 'an enum value is added and used in one transaction' },
  'concurrently-on-partitioned': { weight: 'error', summary: 'a partitioned table takes no CONCURRENTLY' },

  // what Drizzle makes of a file
  'statement-marker': {
    weight: 'error',
    summary: 'drizzle cuts the file in the middle of a string or a comment',
  },
  'concurrently-in-transaction': {
    weight: 'warning',
    summary: 'drizzle runs the file in a transaction, where this fails',
  },
  'transaction-control': {
    weight: 'warning',
    summary: 'COMMIT inside a file ends the transaction that protects it',
  },
  'public-hard-coded': {
    weight: 'warning',
    summary: 'the schema public is named, and the project works in another',
  },
  'identifier-too-long': {
    weight: 'warning',
    summary: 'PostgreSQL cuts names at 63 bytes, and push never ends',
  },
  'timeouts-disabled': {
    weight: 'warning',
    summary: 'without a timeout a waiting ALTER stops everybody behind it',
  },

  // what is hard to change later
  'foreign-key-without-index': {
    weight: 'note',
    summary: 'deletes of the parent read the whole child table',
  },
  'small-key': { weight: 'note', summary: 'an integer key ends at 2,147,483,647' },
  'json-column': { weight: 'note', summary: 'json cannot be compared: DISTINCT and GROUP BY fail' },
  'char-column': { weight: 'note', summary: 'char(n) pads with blanks' },
  'timestamp-without-zone': {
    weight: 'note',
    summary: 'timestamp holds no instant, but what a clock on some wall shows',
  },

  // the journal and the snapshots
  'journal-order': {
    weight: 'error',
    summary: 'stock drizzle skips a migration that is not newer than the one before it',
  },
  'journal-future': {
    weight: 'error',
    summary: 'stock drizzle skips what is made before a stamp in the future',
  },
  'journal-duplicate': { weight: 'error', summary: 'two journal entries are one' },
  'journal-file-missing': { weight: 'error', summary: 'the journal names a file that is not there' },
  'file-not-in-journal': {
    weight: 'warning',
    summary: 'drizzle never runs a file that the journal does not name',
  },
  'snapshot-missing': {
    weight: 'warning',
    summary: 'drizzle-kit generate compares with the snapshot before',
  },
  'snapshot-fork': {
    weight: 'error',
    summary: 'two snapshots come from one, and drizzle-kit generate refuses',
  },

  // lint itself
  'not-analysed': { weight: 'note', summary: 'lint could not see what the statement does' },
  'unused-allowance': { weight: 'warning', summary: 'a comment allows what nobody does' },
  'allowance-invalid': { weight: 'warning', summary: 'a comment that allows nothing as it stands' },
} as const satisfies Readonly<Record<string, RuleFacts>>

export type RuleName = keyof typeof CATALOGUE

export const RULE_NAMES = Object.keys(CATALOGUE) as readonly RuleName[]

export function isRuleName(name: string): name is RuleName {
  return name in CATALOGUE
}
