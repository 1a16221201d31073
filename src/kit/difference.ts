import { entitiesOf, type Value } from '../migrations/derive-entities.ts'
import type { Layout } from '../migrations/folder.ts'
import type { Call } from './calls.ts'
import { type Decisions, decide, type Question, withoutPublic } from './rename.ts'

/** What leads from one state to another. */
export interface Difference {
  /** As drizzle-kit writes them. Not to be run while there are questions. */
  readonly statements: readonly string[]
  /** What must be said first: what holds data is not taken for new where it may be a rename. */
  readonly questions: readonly Question[]
  /** All that drizzle-kit has asked, also what is decided. */
  readonly asked: readonly Question[]
  /** What it was told, in its own form. */
  readonly answers: readonly unknown[]
}

/** Of these a wrong answer loses data or breaks what depends on them; the others are made anew at no loss. */
const ASKED_OF = ['schema', 'table', 'column', 'enum', 'sequence', 'view', 'role']

/** Asks drizzle-kit, answers what it asks, and goes on until it asks nothing more, or something nobody has decided. */
export async function differenceOf(
  call: Call,
  layout: Layout,
  from: Value,
  to: Value,
  decisions: Decisions,
): Promise<Difference> {
  const round = layout === 'journal' ? askedRound : hintedRound
  const asked: Question[] = []
  for (const answers: unknown[] = []; ; ) {
    const { statements, pending } = await round(call, from, to, answers)
    const open: Question[] = []
    for (const { question, answer } of pending) {
      asked.push(question)
      const decision = decide(question, decisions)
      if (decision === undefined && mustAsk(question)) open.push(question)
      else answers.push(answer(decision ?? null))
    }
    if (open.length > 0 || pending.length === 0) return { statements, questions: open, asked, answers }
  }
}

function mustAsk({ kind }: Question): boolean {
  return ASKED_OF.includes(kind)
}

interface Round {
  readonly statements: readonly string[]
  readonly pending: readonly {
    readonly question: Question
    /** The answer in drizzle-kit's own form: what it was, or null for new. */
    answer(from: string | null): unknown
  }[]
}

interface AskedQuestion {
  readonly kind: string
  readonly name: string
  readonly table: string
  readonly candidates: readonly string[]
}

/** drizzle-kit 0.31 asks a person. */
async function askedRound(call: Call, from: Value, to: Value, answers: readonly unknown[]): Promise<Round> {
  const { statements, questions } = await call<{ statements: string[]; questions: AskedQuestion[] }>(
    'asked',
    {
      from,
      to,
      answers,
    },
  )
  return {
    statements,
    pending: questions.map(({ kind, name, table, candidates }) => {
      const prefix = table === '' ? '' : `${table}.`
      return {
        question: {
          kind: isPolicy(to, table, name) ? 'policy' : kind,
          name: `${prefix}${name}`,
          candidates: candidates.map(candidate => `${prefix}${candidate}`),
        },
        answer: was => ({ kind, name, table, from: was === null ? null : was.slice(prefix.length) }),
      }
    }),
  }
}

/** It asks about policies in the words for columns. */
function isPolicy(state: Value, table: string, name: string): boolean {
  const bare = table.slice(table.lastIndexOf('.') + 1)
  const of = (kind: string) =>
    entitiesOf(state).some(each => each.kind === kind && each.table === bare && each.name === name)
  return table !== '' && of('policies') && !of('columns')
}

interface MissingHint {
  readonly kind: string
  readonly entity: readonly string[]
}

/** drizzle-kit 1.0 takes hints. */
async function hintedRound(call: Call, from: Value, to: Value, hints: readonly unknown[]): Promise<Round> {
  const { statements, questions } = await call<{ statements: string[]; questions: MissingHint[] }>('hinted', {
    from,
    to,
    hints,
  })
  return {
    statements,
    pending: questions.map(({ kind, entity }) => {
      const candidates = goneBeside(kind, entity, from, to)
      return {
        question: { kind, name: nameOfEntity(entity), candidates: candidates.map(nameOfEntity) },
        answer: was =>
          was === null
            ? { type: 'create', kind, entity }
            : { type: 'rename', kind, from: candidates.find(each => nameOfEntity(each) === was), to: entity },
      }
    }),
  }
}

const KINDS: Readonly<Record<string, string>> = {
  schema: 'schemas',
  role: 'roles',
  table: 'tables',
  enum: 'enums',
  sequence: 'sequences',
  view: 'views',
  column: 'columns',
}

/** What is gone of the same kind; of the same table where it belongs to one, by the name that the table has now. */
function goneBeside(kind: string, entity: readonly string[], from: Value, to: Value): (readonly string[])[] {
  const all = (state: Value) =>
    entitiesOf(state)
      .filter(each => each.kind === KINDS[kind])
      .map(({ schema, table, name }) => [schema, table, name].filter(word => word !== ''))
  const present = new Set(all(to).map(each => each.join('\0')))
  const beside = entity.length === 3 ? entity.slice(0, 2).join('\0') : ''
  return all(from).filter(
    each =>
      !present.has(each.join('\0')) &&
      each.length === entity.length &&
      (beside === '' || each.slice(0, 2).join('\0') === beside),
  )
}

function nameOfEntity(entity: readonly string[]): string {
  return withoutPublic(entity.join('.'))
}
