import { type CandidateQuestions, judgeCandidates, type Rivalry } from '../catalog/seed-candidates.ts'
import type { UniqueKeyRow } from '../catalog/unique-keys.ts'
import type { Database } from '../database/database.ts'
import type { TablePlan } from './plan.ts'
import type { TableRules } from './rules.ts'

/** What became of the rows that were to be written. */
export interface Sifted {
  /** The numbers of those that the table takes, ascending; undefined where it takes all. */
  readonly taken?: readonly number[]
  /** Conditions that not one of the first rows met. */
  readonly unmet: readonly string[]
}

/** Rows that conditions are tried on; where all of them meet what values were made for, the others will. */
const SAMPLE = 200
const CHUNK = 1000
/** For each row that is wanted so many are tried. */
const TRIES = 40
const LEAST_TRIES = 4000

/**
 * Finds which rows the table takes: CHECKs are tried on a sample, and on every row where one could not be read or does
 * not always pass. Rows
 * that are there already are compared by each unique key and exclusion constraint; unique keys that are not kept by
 * how values are made are kept by remembering. Nothing is written, so that a dry run tells the same.
 */
export async function sift(
  database: Database,
  plan: TablePlan,
  rules: TableRules,
  hasRows: boolean,
): Promise<Sifted> {
  const questions = questionsOf(plan, rules, hasRows)
  const { checks, rivalries, keys } = questions
  if (plan.rows === 0 || checks.length + rivalries.length + keys.length === 0) return { unmet: [] }
  const { first } = plan.numbers
  const sample = await judge(database, plan, questions, first, SAMPLE)
  const unmet = checks.filter((_, index) => sample.every(({ checks }) => checks[index] === false))
  if (unmet.length > 0) return { unmet }
  const failing = rules.unread.length > 0 || sample.some(({ checks }) => checks.includes(false))
  if (!failing && rivalries.length + keys.length === 0) return { unmet: [] }
  const taken: number[] = []
  const known = keys.map(() => new Set<string>())
  const tries = Math.min(plan.most, Math.max(LEAST_TRIES, plan.rows * TRIES))
  for (let tried = 0; tried < tries && taken.length < plan.rows; tried += CHUNK) {
    const count = Math.min(CHUNK, tries - tried)
    for (const answer of await judge(database, plan, questions, first + tried, count)) {
      if (taken.length === plan.rows || answer.taken || answer.checks.includes(false)) continue
      if (answer.keys.some((key, index) => key !== null && known[index]?.has(key))) continue
      for (const [index, key] of answer.keys.entries()) if (key !== null) known[index]?.add(key)
      taken.push(answer.number)
    }
  }
  return { taken, unmet: taken.length === 0 ? checks : [] }
}

function questionsOf(
  { table, open, numbered }: TablePlan,
  { routes }: TableRules,
  hasRows: boolean,
): CandidateQuestions {
  const { checks, uniques, exclusions, partitions } = table
  const isSplit = partitions.length > 0 && routes.length === 0 && !partitions.some(each => each.default)
  return {
    checks: [
      ...checks.map(({ expression }) => expression),
      ...(isSplit ? [partitions.map(({ condition }) => `(${condition})`).join(' OR ')] : []),
    ],
    // numbers that go on from the largest meet no other
    rivalries: hasRows
      ? [
          ...uniques.filter(({ columns }) => !columns.some(name => numbered.has(name))).map(rivalryOf),
          ...exclusions,
        ]
      : [],
    keys: uniques.filter(({ name }) => open.has(name)).map(rivalryOf),
  }
}

function rivalryOf({ predicate, parts }: UniqueKeyRow): Rivalry {
  return { predicate, parts: parts.map(({ sql, equals }) => ({ sql, operator: equals })) }
}

function judge(
  database: Database,
  { table, cells }: TablePlan,
  questions: CandidateQuestions,
  first: number,
  count: number,
) {
  const candidates = Array.from({ length: count }, (_, index) => ({
    number: first + index,
    values: Object.fromEntries([...cells].map(([name, cell]) => [name, cell.text(first + index)])),
  }))
  return judgeCandidates(database, table.table, candidates, questions)
}
