import {
  and,
  desc,
  eq,
  getTableColumns,
  gte,
  ilike,
  inArray,
  isNotNull,
  isNull,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import { projectFiles, projects } from '../schema/projects.ts'
import type { Db } from './db.ts'
import { afterCursor, cursorOf, type Keyset, type Page, paged, totalColumn } from './page.ts'
import { containing } from './pattern.ts'
import type { ProjectStatus } from './projects.ts'

export interface ProjectFilter {
  readonly userId?: string | undefined
  readonly status?: readonly ProjectStatus[] | undefined
  /** Part of the name or of the description, in any case. */
  readonly search?: string | undefined
  readonly minScore?: number | undefined
  /** What is deleted softly is hidden, unless it is to be shown as well, or alone. */
  readonly deleted?: 'also' | 'only' | undefined
}

const NEWEST: Keyset = { instant: projects.updatedAt, key: projects.id }

/** What a list shows: not what the users told, which may be long. */
const { collectedData: _, ...LISTED } = getTableColumns(projects)

/** Newest first. */
export async function listProjects(db: Db, filter: ProjectFilter, page: Page) {
  const counted = db.select({ n: COUNT }).from(projects).where(matching(filter))
  const rows = await db
    .select({ ...LISTED, cursor: cursorOf(NEWEST), total: totalColumn(page, counted) })
    .from(projects)
    .where(and(matching(filter), afterCursor(NEWEST, page.after)))
    .orderBy(desc(projects.updatedAt), desc(projects.id))
    .limit(page.limit + 1)
    .offset(page.offset ?? 0)
  return paged(page, rows, async () => (await counted)[0]?.n ?? 0)
}

/** The same with how many files each project has; counted for the page's projects only. */
export async function listProjectsWithFileCounts(db: Db, filter: ProjectFilter, page: Page) {
  // with an alias: drizzle leaves the table's name out of columns where a statement has one table
  const files = sql<number>`(select count(*)::int from ${projectFiles} file where file.project_id = ${projects}.id)`
  return db
    .select({ ...LISTED, files })
    .from(projects)
    .where(and(matching(filter), afterCursor(NEWEST, page.after)))
    .orderBy(desc(projects.updatedAt), desc(projects.id))
    .limit(page.limit)
    .offset(page.offset ?? 0)
}

/** Projects that have files whose path contains the text; those with most of them first. */
export async function listProjectsByFiles(db: Db, path: string, { limit, offset = 0 }: Page) {
  const matched = sql<number>`count(*)::int`
  return db
    .select({ ...LISTED, matched })
    .from(projects)
    .innerJoin(projectFiles, eq(projectFiles.projectId, projects.id))
    .where(and(isNull(projects.deletedAt), ilike(projectFiles.path, containing(path))))
    .groupBy(projects.id)
    .orderBy(desc(matched), projects.id)
    .limit(limit)
    .offset(offset)
}

const COUNT = sql<number>`count(*)::int`

function matching({ userId, status, search, minScore, deleted }: ProjectFilter): SQL | undefined {
  return and(
    userId === undefined ? undefined : eq(projects.userId, userId),
    status === undefined ? undefined : inArray(projects.status, [...status]),
    search === undefined
      ? undefined
      : or(ilike(projects.name, containing(search)), ilike(projects.description, containing(search))),
    minScore === undefined ? undefined : gte(projects.validationScore, minScore),
    DELETED[deleted ?? 'not'],
  )
}

const DELETED = { not: isNull(projects.deletedAt), also: undefined, only: isNotNull(projects.deletedAt) }

/** For each status how many projects, and their average score. */
export async function projectStatistics(db: Db) {
  return db
    .select({
      status: projects.status,
      projects: sql<number>`count(*)::int`,
      averageScore: sql<number>`avg(${projects.validationScore})::float8`,
    })
    .from(projects)
    .where(isNull(projects.deletedAt))
    .groupBy(projects.status)
    .orderBy(desc(sql`count(*)`), projects.status)
}
