import { sessionFacts } from '../catalog/session.ts'
import { listTableRows } from '../catalog/table-rows.ts'
import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import { readGround } from '../sql/analyse.ts'
import { qualified, type ServerFacts } from '../sql/draft.ts'
import { unlessLocked } from '../sql/facts.ts'
import { linkRelations } from '../sql/link.ts'
import type { Parser } from '../sql/parse.ts'
import type { Relations } from '../sql/relations.ts'
import type { Levels } from './levels.ts'
import { EMPTY } from './offline.ts'
import type { LintScript } from './script.ts'

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

/** Rows by the qualified name of a table. */
export type LiveRows = ReadonlyMap<string, number>

/** The oldest version that is supported: what it can do, all can. */
const OLDEST = 14

/** A database as it stands, for migrations that it has not seen. */
export async function liveGround(
  database: Database,
  project: Project,
  scripts: readonly LintScript[],
  parser: Parser,
  levels: Levels,
): Promise<Ground> {
  const statements = scripts.flatMap(script => script.statements)
  const { server, link } = await readGround(database, statements, parser)
  const rows = await liveRows(database)
  const relations = link()
  count(relations, rows)
  const home = homeOf(project, relations.searchPath)
  return { parser, server, relations, levels, complete: true, home }
}

/**
 * A database with nothing in it, which migrations then fill one by one: for files that may have been applied already,
 * and where no server can be asked. `live` is what a server tells of itself besides.
 */
export function emptyGround(
  project: Project | undefined,
  parser: Parser,
  levels: Levels,
  live: Live | undefined,
): Ground {
  return {
    parser,
    server: { major: live?.major ?? OLDEST, utc: true },
    relations: linkRelations(EMPTY),
    levels,
    complete: false,
    home: homeOf(project, live?.searchPath),
  }
}

/** What a server tells of itself and its tables. */
export interface Live {
  readonly major: number
  readonly searchPath: readonly string[]
  readonly rows: LiveRows | undefined
}

export async function readLive(database: Database): Promise<Live> {
  const { searchPath } = await sessionFacts(database)
  return { major: database.server.major, searchPath, rows: await liveRows(database) }
}

/** Each file begins with a session's own search path. */
export function resetSearchPath({ relations }: Ground): void {
  relations.searchPath = relations.usualSearchPath
}

/** What a file has made stands there for the next one, and may hold rows by then. */
export function settle({ relations }: Ground, rows: LiveRows | undefined): void {
  for (const relation of relations.byName.values()) relation.oid ??= REPLAYED
  for (const [key, type] of relations.types)
    if (type.oid.startsWith(NEW)) relations.types.set(key, { ...type, oid: type.oid.slice(NEW.length) })
  count(relations, rows)
}

/** Stands for the number that a relation would have. */
const REPLAYED = 'replayed'
/** How the analysis marks a type that the run makes. */
const NEW = 'new '

/** undefined where somebody keeps a table locked of which only its size would tell. */
async function liveRows(database: Database): Promise<LiveRows | undefined> {
  const tables = await unlessLocked(database, () => listTableRows(database))
  return tables && new Map(tables.map(table => [qualified(table), table.rows]))
}

/** What is not in the live database holds nothing there. */
function count({ byName }: Relations, rows: LiveRows | undefined): void {
  if (!rows) return
  for (const relation of byName.values())
    if (relation.oid !== undefined) relation.rows = rows.get(qualified(relation)) ?? 0
}

/** The schema that unqualified names go to, or the one that drizzle is told to look at, where it is not public. */
function homeOf(project: Project | undefined, searchPath: readonly string[] | undefined): string | undefined {
  const filter = [project?.config.schemaFilter ?? []].flat()
  const [first = searchPath?.[0] ?? 'public'] = filter
  return first === 'public' || filter.includes('public') ? undefined : first
}
