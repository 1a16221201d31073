/** One migration of a chain, with what it leaves to count. */
export interface Migration {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly when: number
  readonly statements: readonly string[]
  /** Whether it runs outside a transaction. */
  readonly online?: boolean
}

/** 2026-01-01T00:00:00Z */
const EPOCH = 1_767_225_600_000

/** Every statement that counts leaves a row: none, two or half of a file's are a violation. */
const ran = (step: string) => `INSERT INTO ran VALUES ('${step}')`
const nap = 'SELECT pg_sleep(0.05)'
const count = 'UPDATE counter SET n = n + 1'

const base = migration(0, 'base', [
  'CREATE TABLE ran (step text NOT NULL)',
  'CREATE TABLE counter (n int NOT NULL)',
  'INSERT INTO counter VALUES (0)',
  'CREATE TABLE posts (id int NOT NULL, title text)',
  'CREATE INDEX posts_old ON posts (title)',
  `INSERT INTO posts SELECT n, 'title' FROM generate_series(1, 10) n`,
  // an index of it takes longer than the server takes to miss a client that was killed
  `CREATE FUNCTION slow(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.07); RETURN $1; END'`,
  ran('0000 1'),
])

const tables = [1, 2, 3, 4].flatMap(n => [`CREATE TABLE t${n} (id int)`, ran(`0001 ${n}`), nap])

/** Half a second of files that each run in a transaction. */
export const inTransactions: readonly Migration[] = [
  base,
  migration(1, 'tables', tables),
  migration(2, 'data', [count, ran('0002 1'), nap]),
  migration(3, 'alter', [
    `ALTER TABLE posts ADD COLUMN body text DEFAULT ''`,
    ran('0003 1'),
    nap,
    count,
    ran('0003 2'),
    nap,
  ]),
]

/** A second with a file that cannot run in a transaction: its statements in each place where one may stop. */
export const outsideTransactions: readonly Migration[] = [
  base,
  {
    ...migration(1, 'online', [
      count,
      'CREATE INDEX CONCURRENTLY posts_title ON posts (slow(title))',
      ran('0001 1'),
      'CREATE UNIQUE INDEX CONCURRENTLY posts_id ON posts (id)',
      'DROP INDEX CONCURRENTLY posts_old',
      ran('0001 2'),
      nap,
      count,
      ran('0001 3'),
    ]),
    online: true,
  },
  migration(2, 'after', ['CREATE TABLE after (id int)', ran('0002 1'), nap]),
]

/** Quick ones that only count: `size` of them behind the base. */
export function counting(size: number): readonly Migration[] {
  const rest = Array.from({ length: size }, (_, index) =>
    migration(index + 1, 'count', [count, ran(`000${index + 1} 1`)]),
  )
  return [base, ...rest]
}

const STEP = /^INSERT INTO ran VALUES \('(.+)'\)$/

/** The rows that a migration leaves where all of it ran once. */
export function stepsOf({ statements }: Migration): string[] {
  return statements.flatMap(statement => STEP.exec(statement)?.[1] ?? [])
}

function migration(index: number, name: string, statements: readonly string[]): Migration {
  return { name: `000${index}_${name}`, when: EPOCH + index * 60_000, statements }
}
