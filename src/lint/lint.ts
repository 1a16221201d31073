import type { Node, RangeVar } from 'libpg-query'
import { isUtc as isUtcZone } from '../sql/analyse.ts'
import { NOWHERE, type ServerFacts } from '../sql/draft.ts'
import { type Effects, effectsOf } from '../sql/effects.ts'
import type { Parser } from '../sql/parse.ts'
import { addRelation, findRelation, newRelation, type Relations, schemaFor } from '../sql/relations.ts'
import { all, as, rangeName, wordsOf } from '../sql/tree.ts'
import { allowing } from './allow.ts'
import type { Level, RuleName } from './catalogue.ts'
import type { Levels } from './levels.ts'
import { addedKeys, unindexedKeys } from './rules/foreign-keys.ts'
import { ALTER_RULES, EFFECT_RULES, RULES } from './rules.ts'
import { type Aftermath, type Past, type Problem, rowsOf, type Scene } from './scene.ts'
import { type FileStatement, type LintScript, lineCounter, MARKER } from './script.ts'
import { type Step, stepsOf } from './steps.ts'

/** One thing that a rule has to say of a file. */
export interface Finding {
  readonly rule: RuleName
  readonly level: Level
  readonly file: string
  /** Counts from 1. */
  readonly line: number
  /** As failures count statements; null where it is about the file. */
  readonly statement: number | null
  readonly sql: string | null
  /** What happens and why. */
  readonly message: string
  /** SQL to put in the statement's place, or a command; null where there is nothing to type. */
  readonly fix: string | null
}

/** The database that files meet. */
export interface Ground {
  readonly parser: Parser
  readonly server: ServerFacts
  readonly relations: Relations
  readonly levels: Levels
  /** Whether these are all relations that there are: a live catalog's. */
  readonly complete: boolean
  /** The schema that the project works in, where it is not public. */
  readonly home: string | undefined
}

/** A finding with the statement that it is about. */
export interface Judged extends Pick<Problem, 'message'> {
  readonly rule: RuleName
  readonly level: Level
  readonly fix: string | null
  readonly line: number
  readonly statement: FileStatement | undefined
}

/** Judges one file after those before it. The ground is left as the file leaves it. */
export function lintScript(script: LintScript, ground: Ground): Finding[] {
  resetSearchPath(ground)
  const judged = [
    ...markerProblems(script, ground.levels),
    ...statementProblems(script, ground),
    ...keyProblems(script, ground),
  ]
  return allowing(script, judged, ground.levels)
    .toSorted((a, b) => a.line - b.line)
    .map(({ statement, rule, level, line, message, fix }) => ({
      rule,
      level,
      file: script.file,
      line,
      statement: statement?.number ?? null,
      sql: statement?.sql ?? null,
      message,
      fix,
    }))
}

function statementProblems(script: LintScript, ground: Ground): Judged[] {
  let earlier: Past[] = []
  let transaction = 0
  let isUtc = false
  const judged = script.statements.flatMap(statement => unparsed(statement, ground.levels))
  for (const step of script.statements.flatMap(stepsOf)) {
    const { statement } = step
    if (statement.transaction !== transaction) {
      transaction = statement.transaction
      earlier = []
      isUtc = false
    }
    const scene: Scene = {
      step,
      relations: ground.relations,
      major: ground.server.major,
      script,
      parser: ground.parser,
      earlier,
      setsUtc: isUtc,
      home: ground.home,
    }
    introduceMissing(step, ground)
    const found = problemsOf(step.alter ? FINDERS : FINDERS_ELSEWHERE, scene)
    const effects = perform(step, ground, isUtc)
    const finders = step.alter ? EFFECT_FINDERS : EFFECT_FINDERS_ELSEWHERE
    found.push(...problemsOf(finders, { ...scene, effects }), ...unseen(effects))
    for (const { rule, table, level: given, message, fix } of found) {
      const level = ground.levels(rule, table && rowsOf(table), given)
      if (level) judged.push({ rule, level, message, fix, statement, line: statement.line })
    }
    // a file of ten thousand INSERTs is asked about each of them
    if (!ROWS_ALONE.some(kind => kind in step.tree)) earlier.push({ step, effects })
    isUtc ||= setsUtc(step)
  }
  return judged
}

const ROWS_ALONE = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'SelectStmt']

/** Leaves the ground as a file leaves it that is not judged. */
export function replay(script: LintScript, ground: Ground): void {
  resetSearchPath(ground)
  for (const step of script.statements.flatMap(stepsOf)) {
    introduceMissing(step, ground)
    perform(step, ground, false)
  }
}

function resetSearchPath({ relations }: Ground): void {
  relations.searchPath = relations.usualSearchPath
}

interface Found extends Omit<Problem, 'fix'> {
  readonly rule: RuleName
  readonly fix: string | null
}

type Finder<S> = readonly [RuleName, (scene: S) => readonly Problem[]]

const FINDERS = Object.entries(RULES) as Finder<Scene>[]
const EFFECT_FINDERS = Object.entries(EFFECT_RULES) as Finder<Aftermath>[]
const FINDERS_ELSEWHERE = FINDERS.filter(([rule]) => !(rule in ALTER_RULES))
const EFFECT_FINDERS_ELSEWHERE = EFFECT_FINDERS.filter(([rule]) => !(rule in ALTER_RULES))

function problemsOf<S extends Scene>(finders: readonly Finder<S>[], scene: S): Found[] {
  const found: Found[] = []
  // of 65 rules hardly one has something to say
  for (const [rule, find] of finders) for (const problem of find(scene)) found.push({ rule, ...problem })
  return found
}

function unseen({ notAnalysed }: Effects): Found[] {
  const hidden = notAnalysed.filter(reason => !reason.endsWith(MISSING))
  if (hidden.length === 0) return []
  const message = `What the statement does cannot be told from its text: it ${hidden.join(', ')}.`
  return [{ rule: 'not-analysed', message, fix: null }]
}

/** What is said of a table that nobody knows. */
const MISSING = 'does not exist here'

function unparsed({ reason, ...statement }: FileStatement, levels: Levels): Judged[] {
  const level = levels('not-analysed', undefined, 'warning')
  if (reason === undefined || !level) return []
  const message = `PostgreSQL's parser does not take the statement, so nothing is known of it: ${reason}.`
  return [{ rule: 'not-analysed', level, message, fix: null, statement, line: statement.line }]
}

function perform(
  { statement: { start, end }, tree }: Step,
  { server, parser, relations }: Ground,
  isUtc: boolean,
): Effects {
  return effectsOf({ start, end, tree }, { ...server, utc: server.utc || isUtc }, relations, parser)
}

function introduceMissing(step: Step, { complete, relations }: Ground): void {
  if (!complete) introduce(step, relations)
}

/** Puts tables there that the file takes for granted and no file before it has made. */
function introduce({ tree }: Step, relations: Relations): void {
  for (const range of takenForGranted(tree)) {
    const name = rangeName(range)
    if (findRelation(relations, name)) continue
    const schema = schemaFor(relations, name)
    addRelation(relations, newRelation({ oid: NOWHERE, kind: 'table', schema, name: name.name }))
  }
}

function takenForGranted(tree: Node): RangeVar[] {
  const alter = as('AlterTableStmt', tree)
  const rename = as('RenameStmt', tree)
  const [command] = all('AlterTableCmd', alter?.cmds)
  const drop = as('DropStmt', tree)
  const dropped =
    drop?.removeType === 'OBJECT_TABLE' && !drop.missing_ok
      ? (drop.objects ?? []).map(wordsOf).map(words => ({ relname: words.at(-1) ?? '', ...schemaOf(words) }))
      : []
  return [
    alter?.objtype === 'OBJECT_TABLE' && !alter.missing_ok ? alter.relation : undefined,
    as('Constraint', command?.def)?.pktable,
    as('IndexStmt', tree)?.relation,
    rename?.renameType === 'OBJECT_TABLE' || rename?.relationType === 'OBJECT_TABLE'
      ? rename.relation
      : undefined,
    as('UpdateStmt', tree)?.relation,
    as('DeleteStmt', tree)?.relation,
    as('InsertStmt', tree)?.relation,
    ...all('RangeVar', as('TruncateStmt', tree)?.relations),
    ...dropped,
  ].filter(range => range !== undefined)
}

function schemaOf(words: readonly string[]) {
  const schemaname = words.at(-2)
  return schemaname === undefined ? {} : { schemaname }
}

function setsUtc({ tree }: Step): boolean {
  const set = as('VariableSetStmt', tree)
  const [zone] = all('A_Const', set?.args)
  return set?.name === 'timezone' && isUtcZone(zone?.sval?.sval ?? '')
}

function keyProblems(script: LintScript, { relations, levels }: Ground): Judged[] {
  const level = levels('foreign-key-without-index', undefined)
  if (!level) return []
  return script.statements.flatMap(statement =>
    (statement.inner ?? [statement]).flatMap(({ tree }) => {
      const { table, columns } = addedKeys(tree, relations)
      if (!table) return []
      const keys = [...table.constraints].filter(
        key => key.kind === 'foreign' && columns.includes(key.columns.join()),
      )
      return unindexedKeys(statement.sql, table, keys).map(
        ({ message, fix }): Judged => ({
          rule: 'foreign-key-without-index',
          level,
          message,
          fix,
          statement,
          line: statement.line,
        }),
      )
    }),
  )
}

function markerProblems({ text, statements, strayMarkers }: LintScript, levels: Levels): Judged[] {
  const level = levels('statement-marker', undefined)
  if (!level) return []
  const lineAt = lineCounter(text)
  return strayMarkers.map(({ at, from }) => {
    const statement = statements.find(({ end }) => end > at)
    const start = Math.min(statement?.start ?? from, from)
    const sql = text.slice(start, statement?.end ?? at + MARKER.length)
    return {
      rule: 'statement-marker',
      level,
      message: `drizzle cuts the file wherever it reads ${MARKER}, also here within a ${text[from] === '-' || text[from] === '/' ? 'comment' : 'string'}: what stands before and behind it is sent by itself.`,
      fix: `${sql.slice(0, at - start)}${harmless(text[from] ?? '')}${sql.slice(at - start + MARKER.length)};`,
      statement,
      line: lineAt(at),
    }
  })
}

/** Text that says the same where it stands, and is no marker. */
function harmless(quote: string): string {
  if (quote === "'") return "--> ' || 'statement-breakpoint"
  return quote.toLowerCase() === 'e' ? "--> ' || E'statement-breakpoint" : '-> statement breakpoint'
}
