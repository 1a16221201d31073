import { OpsError } from '../errors.ts'
import { entitiesOf, type Value } from '../migrations/derive-entities.ts'
import type { Layout } from '../migrations/folder.ts'
import type { Call } from './calls.ts'
import { checkRenames, type Decisions, decide, type Question, withoutPublic } from './rename.ts'

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
  checkRenames(decisions.renames)
  const round = layout === 'journal' ? askedRound : hintedRound
  const asked: Question[] = []
  for (const answers: unknown[] = []; ; ) {
    const { statements, pending: all } = await round(call, from, to, answers)
    // what is in a schema it can ask about only when the schema has its name
    const ofSchemas = all.filter(({ question }) => question.kind === 'schema')
    const pending = ofSchemas.length > 0 ? ofSchemas : all
    const open: Question[] = []
    for (const { question, answer } of pending) {
      asked.push(question)
      const decision = decide(question, decisions)
      if (decision === undefined && mustAsk(question)) open.push(question)
      else answers.push(answer(decision ?? null))
    }
    // an answer may settle what else is open
    if (open.length === pending.length) return { statements, questions: open, asked, answers }
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

interface AskedAnswer {
  readonly statements: readonly string[]
  readonly questions: readonly AskedQuestion[]
  readonly repeated: readonly string[]
}

/** drizzle-kit 0.31 asks a person. */
async function askedRound(call: Call, from: Value, to: Value, answers: readonly unknown[]): Promise<Round> {
  const argument = { from, to, answers }
  const { statements, questions, repeated } = await call<AskedAnswer>('asked', argument)
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
        answer: was => {
          if (was !== null && repeated.includes(`${prefix}${name}`)) throw ambiguous(`${prefix}${name}`)
          return { kind, name, table, from: was === null ? null : was.slice(prefix.length) }
        },
      }
    }),
  }
}

function ambiguous(name: string): OpsError {
  return new OpsError({
    code: 'rename-ambiguous',
    message: `drizzle-kit 0.31 asks about ${name} in several schemas and does not say in which, so no answer would be safe.`,
    hint: 'Change the table of one schema at a time.',
  })
}

/** It asks about policies in the words for columns. */
function isPolicy(state: Value, table: string, name: string): boolean {
  const bare = table.slice(table.lastIndexOf('.') + 1)
  const of = (kind: string) =>
    entitiesOf(state).some(each => each.kind === kind && each.table === bare && each.name === name)
  return table !== '' && of('policies') && !of('columns')
}

/** Schema, table and name, as far as it has them. */
type Path = readonly string[]

interface MissingHint {
  readonly kind: string
  readonly entity: Path
}

/** What 1.0 is told: a rename, or that it is new. */
interface Hint {
  readonly kind: string
  readonly from?: Path
  readonly to?: Path
}

/** drizzle-kit 1.0 takes hints. */
async function hintedRound(call: Call, from: Value, to: Value, answers: readonly unknown[]): Promise<Round> {
  const hints = answers as readonly Hint[]
  const { statements, questions } = await call<{ statements: string[]; questions: MissingHint[] }>('hinted', {
    from,
    to,
    hints,
  })
  return {
    statements,
    pending: questions.map(({ kind, entity }) => {
      const candidates = goneBeside(kind, entity, pathsOf(kind, from, hints), pathsOf(kind, to, []), hints)
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
function goneBeside(
  kind: string,
  entity: Path,
  from: readonly Path[],
  to: readonly Path[],
  hints: readonly Hint[],
): Path[] {
  const kept = new Set(
    [...to, ...hints.flatMap(hint => (hint.kind === kind && hint.from ? [hint.from] : []))].map(key),
  )
  const beside = entity.length === 3 ? key(entity.slice(0, 2)) : undefined
  return from.filter(
    path =>
      !kept.has(key(path)) &&
      path.length === entity.length &&
      (beside === undefined || key(path.slice(0, 2)) === beside),
  )
}

/** Where things of a kind are, once the schemas and tables around them have their new names. */
function pathsOf(kind: string, state: Value, hints: readonly Hint[]): Path[] {
  return entitiesOf(state)
    .filter(each => each.kind === KINDS[kind])
    .map(({ schema, table, name }) =>
      hints.reduce(
        renamedAround,
        [schema, table, name].filter(word => word !== ''),
      ),
    )
}

function renamedAround(path: Path, { kind, from, to }: Hint): Path {
  if (!from || !to || path.length <= from.length || !['schema', 'table'].includes(kind)) return path
  return key(path.slice(0, from.length)) === key(from) ? [...to, ...path.slice(from.length)] : path
}

function key(path: Path): string {
  return path.join('\0')
}

function nameOfEntity(entity: readonly string[]): string {
  return withoutPublic(entity.join('.'))
}
