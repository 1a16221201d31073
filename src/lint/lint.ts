import type { Node, RangeVar } from 'libpg-query'
import { isUtc } from '../sql/analyse.ts'
import { NOWHERE, type ServerFacts } from '../sql/draft.ts'
import { type Effects, effectsOf } from '../sql/effects.ts'
import type { Parser } from '../sql/parse.ts'
import { addRelation, findRelation, newRelation, type Relations, schemaFor } from '../sql/relations.ts'
import { all, as, rangeName, wordsOf } from '../sql/tree.ts'
import { allowing } from './allow.ts'
import type { Level, RuleName } from './catalogue.ts'
import type { Levels } from './levels.ts'
import { addedKeys, unindexedKeys } from './rules/foreign-keys.ts'
import { RULES } from './rules.ts'
import { type Past, type Problem, type Rule, rowsOf, type Scene } from './scene.ts'
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
  /** The same once more, for the effects of a step before it is judged. */
  readonly ahead: Relations
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
  for (const relations of [ground.relations, ground.ahead]) relations.searchPath = relations.usualSearchPath
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
  const steps = script.statements.flatMap(stepsOf)
  const past: Past[] = []
  const judged = script.statements.flatMap(statement => unparsed(statement, ground.levels))
  for (const [index, step] of steps.entries()) {
    const { transaction } = step.statement
    const earlier = past.filter(each => each.step.statement.transaction === transaction)
    const effects = perform(step, earlier, ground)
    const scene: Scene = {
      step,
      effects,
      relations: ground.relations,
      major: ground.server.major,
      script,
      parser: ground.parser,
      earlier,
      later: steps.slice(index + 1),
      setsUtc: setsUtc(earlier),
      home: ground.home,
    }
    judged.push(...problemsOf(scene, ground.levels))
    move(step, earlier, ground, ground.relations)
    past.push({ step, effects })
  }
  return judged
}

/** Leaves the ground as a file leaves it that is not judged. */
export function replay(script: LintScript, ground: Ground): void {
  for (const relations of [ground.relations, ground.ahead]) relations.searchPath = relations.usualSearchPath
  for (const step of script.statements.flatMap(stepsOf)) {
    perform(step, [], ground)
    move(step, [], ground, ground.relations)
  }
}

function problemsOf(scene: Scene, levels: Levels): Judged[] {
  const { statement } = scene.step
  const place = { statement, line: statement.line }
  const named = (Object.entries(RULES) as [RuleName, Rule][]).flatMap(([rule, find]) =>
    find(scene).flatMap(({ message, fix, table, level: given }) => {
      const level = levels(rule, table && rowsOf(table), given)
      return level ? { rule, level, message, fix, ...place } : []
    }),
  )
  const hidden = scene.effects.notAnalysed.filter(reason => !reason.endsWith(MISSING))
  const level = levels('not-analysed', undefined)
  if (hidden.length === 0 || !level) return named
  const message = `What the statement does cannot be told from its text: it ${hidden.join(', ')}.`
  return [...named, { rule: 'not-analysed', level, message, fix: null, ...place }]
}

/** What is said of a table that nobody knows. */
const MISSING = 'does not exist here'

function unparsed({ reason, ...statement }: FileStatement, levels: Levels): Judged[] {
  const level = levels('not-analysed', undefined, 'warning')
  if (reason === undefined || !level) return []
  const message = `PostgreSQL's parser does not take the statement, so nothing is known of it: ${reason}.`
  return [{ rule: 'not-analysed', level, message, fix: null, statement, line: statement.line }]
}

function perform(step: Step, earlier: readonly Past[], ground: Ground): Effects {
  if (!ground.complete) for (const relations of [ground.relations, ground.ahead]) introduce(step, relations)
  return move(step, earlier, ground, ground.ahead)
}

function move(
  { statement: { start, end }, tree }: Step,
  earlier: readonly Past[],
  { server, parser }: Ground,
  relations: Relations,
): Effects {
  const utc = server.utc || setsUtc(earlier)
  return effectsOf({ start, end, tree }, { ...server, utc }, relations, parser)
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

function setsUtc(earlier: readonly Past[]): boolean {
  return earlier.some(({ step }) => {
    const set = as('VariableSetStmt', step.tree)
    const [zone] = all('A_Const', set?.args)
    return set?.name === 'timezone' && isUtc(zone?.sval?.sval ?? '')
  })
}

function keyProblems(script: LintScript, { relations, levels }: Ground): Judged[] {
  return script.statements.flatMap(statement =>
    stepsOf(statement).flatMap(step => {
      const { table, columns } = addedKeys(step.tree, relations)
      const keys = [...(table?.constraints ?? [])].filter(
        key => key.kind === 'foreign' && columns.includes(key.columns.join()),
      )
      const level = levels('foreign-key-without-index', undefined)
      if (!table || !level) return []
      return unindexedKeys(statement.sql, table, keys).map(({ message, fix }) => ({
        rule: 'foreign-key-without-index' as const,
        level,
        message,
        fix,
        statement,
        line: statement.line,
      }))
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
