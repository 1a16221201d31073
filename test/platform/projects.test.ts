import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { auditLogs } from '../../src/platform/schema/audit.ts'
import { agentStates, projects } from '../../src/platform/schema/projects.ts'
import {
  deleteFile,
  deleteFiles,
  getFile,
  listFiles,
  upsertFile,
  upsertFiles,
} from '../../src/platform/services/files.ts'
import {
  listProjects,
  listProjectsByFiles,
  listProjectsWithFileCounts,
  projectStatistics,
} from '../../src/platform/services/project-lists.ts'
import { deleteProject, destroyProject, restoreProject } from '../../src/platform/services/project-removal.ts'
import {
  createProject,
  getProject,
  getProjectWithFiles,
  getProjectWithLatestConversation,
  setPreviewUrl,
  setProjectStatus,
  transferProject,
  updateProject,
} from '../../src/platform/services/projects.ts'
import { createUser, deleteUser } from '../../src/platform/services/users.ts'
import { platformDatabase, userWithProject } from '../support/platform.ts'
import { majors } from '../support/shared-servers.ts'

const NOBODY = '00000000-0000-4000-8000-000000000000'

describe.each(majors())('projects on PostgreSQL %i', major => {
  it('is made with its agent state, a first conversation and an audit row, or not at all', async () => {
    const { db } = await platformDatabase(major)
    const { project } = await userWithProject(db)
    const found = await getProjectWithLatestConversation(db, project.id)
    expect(found).toMatchObject({
      name: 'Notes',
      conversation: {
        title: 'Notes',
        messages: [{ role: 'system', content: 'Describe what you would like to build.' }],
      },
    })
    expect(await db.select({ state: agentStates.currentState }).from(agentStates)).toEqual([
      { state: 'idle' },
    ])
    expect(
      await db
        .select({ action: auditLogs.action, changes: auditLogs.changes })
        .from(auditLogs)
        .where(eq(auditLogs.tableName, 'projects')),
    ).toEqual([{ action: 'create', changes: { name: 'Notes', userId: 'ada' } }])
    await expect(createProject(db, { userId: 'nobody', name: 'x', description: 'x' })).rejects.toThrow()
    expect(await db.$count(projects)).toBe(1)
  })

  it('changes, hides, shows again and deletes', async () => {
    const { db } = await platformDatabase(major)
    const {
      project: { id },
    } = await userWithProject(db)
    expect(await updateProject(db, id, { name: 'More notes' })).toMatchObject({ name: 'More notes' })
    expect(await setPreviewUrl(db, id, 'https://preview.example.com')).toMatchObject({
      previewUrl: 'https://preview.example.com',
    })
    expect(await setProjectStatus(db, id, 'active')).toMatchObject({ status: 'active' })
    expect((await deleteProject(db, id)).deletedAt).toBeInstanceOf(Date)
    for (const hidden of [
      getProject,
      getProjectWithFiles,
      deleteProject,
      (on: typeof db, of: string) => updateProject(on, of, { name: 'x' }),
    ]) {
      await expect(hidden(db, id)).rejects.toMatchObject({
        code: 'not-found',
        message: `There is no project ${id}.`,
      })
    }
    expect(await getProject(db, id, { deleted: true })).toMatchObject({ id })
    expect(await restoreProject(db, id)).toMatchObject({ deletedAt: null })
    await expect(restoreProject(db, id)).rejects.toMatchObject({ code: 'not-found' })
    await destroyProject(db, id)
    await expect(getProject(db, id, { deleted: true })).rejects.toMatchObject({ code: 'not-found' })
    expect(
      await db
        .select({ action: auditLogs.action, project: auditLogs.projectId })
        .from(auditLogs)
        .where(eq(auditLogs.recordId, id))
        .orderBy(auditLogs.id),
    ).toEqual(['create', 'status', 'delete', 'restore', 'destroy'].map(action => ({ action, project: null })))
  })

  it('goes to another user only from its owner', async () => {
    const { db } = await platformDatabase(major)
    const {
      project: { id },
    } = await userWithProject(db)
    await createUser(db, { id: 'bob', email: 'bob@example.com' })
    await createUser(db, { id: 'gone', email: 'gone@example.com' })
    await deleteUser(db, 'gone')
    const refused = [
      [id, { from: 'bob', to: 'ada' }, 'not-owner', `Project ${id} does not belong to user bob.`],
      [id, { from: 'ada', to: 'gone' }, 'not-found', 'There is no user gone.'],
      [id, { from: 'ada', to: 'nobody' }, 'not-found', 'There is no user nobody.'],
      [NOBODY, { from: 'ada', to: 'bob' }, 'not-found', `There is no project ${NOBODY}.`],
    ] as const
    for (const [project, transfer, code, message] of refused)
      await expect(transferProject(db, project, transfer)).rejects.toMatchObject({ code, message })
    expect(await getProject(db, id)).toMatchObject({ userId: 'ada' })
    await transferProject(
      db,
      id,
      { from: 'ada', to: 'bob' },
      { operator: 'root', command: 'project transfer' },
    )
    expect(await getProject(db, id)).toMatchObject({ userId: 'bob' })
    expect(
      await db.select({ changes: auditLogs.changes }).from(auditLogs).where(eq(auditLogs.action, 'transfer')),
    ).toEqual([{ changes: { from: 'ada', to: 'bob', operator: 'root', command: 'project transfer' } }])
  })

  it('is part of a transaction of the caller, whose end decides', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, { id: 'ada', email: 'ada@example.com' })
    await db
      .transaction(async tx => {
        const { id } = await createProject(tx, { userId: 'ada', name: 'Notes', description: '' })
        await upsertFile(tx, id, { path: 'a.ts', content: '1' })
        tx.rollback()
      })
      .catch(() => {})
    expect(await db.$count(projects)).toBe(0)
  })

  it('is listed page by page, each once, with the total where it is asked for', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, { id: 'ada', email: 'ada@example.com' })
    // 25 of them share two instants, which differ by a microsecond
    await db.execute(sql`
      insert into projects (user_id, name, description, validation_score, updated_at, deleted_at)
      select 'ada', 'p' || n, case when n = 7 then 'about 100% of it' else '' end, n,
        timestamptz '2026-01-01 00:00:00.000001+00' + (n % 2) * interval '1 microsecond',
        case when n = 3 then now() end
      from generate_series(1, 25) n`)
    const names: string[] = []
    let after: string | undefined
    do {
      const page = await listProjects(db, { userId: 'ada' }, { limit: 10, after, count: true })
      expect(page.total).toBe(24)
      names.push(...page.rows.map(({ name }) => name))
      after = page.next ?? undefined
    } while (after)
    expect(names).toHaveLength(24)
    expect(new Set(names).size).toBe(24)
    const some = async (filter: Parameters<typeof listProjects>[1], page = {}) =>
      (await listProjects(db, filter, { limit: 100, ...page })).rows.map(({ name }) => name)
    expect(await some({})).toEqual(names)
    expect(await some({}, { limit: 5, offset: 20 })).toEqual(names.slice(20))
    expect(await some({ search: '100%' })).toEqual(['p7'])
    expect(await some({ search: '0_' })).toEqual([])
    expect(await some({ minScore: 24 })).toHaveLength(2)
    expect(await some({ deleted: 'only' })).toEqual(['p3'])
    expect(await some({ deleted: 'also' })).toHaveLength(25)
    expect(await some({ status: ['idle', 'active'] })).toHaveLength(24)
    expect(await some({ status: ['failed'] })).toEqual([])
    expect(await listProjects(db, {}, { limit: 5, offset: 100, count: true })).toEqual({
      rows: [],
      next: null,
      total: 24,
    })
    await expect(listProjects(db, {}, { limit: 5, after: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
      code: 'usage',
      message: 'bm9uc2Vuc2U is not where a page ends.',
      exit: 2,
    })
    expect(await projectStatistics(db)).toEqual([{ status: 'idle', projects: 24, averageScore: 322 / 24 }])
  })
})

describe.each(majors())('files on PostgreSQL %i', major => {
  it('are written, read, counted and deleted', async () => {
    const { db } = await platformDatabase(major)
    const {
      project: { id },
    } = await userWithProject(db)
    await upsertFiles(db, id, [
      { path: 'src/a.ts', content: 'one' },
      { path: 'src/b.ts', content: 'two' },
      { path: 'src/a.ts', content: 'drei – ☃' },
    ])
    const before = await getFile(db, id, 'src/b.ts')
    expect(await getFile(db, id, 'src/a.ts')).toMatchObject({ content: 'drei – ☃' })
    await upsertFiles(db, id, [{ path: 'src/b.ts', content: 'two' }])
    expect((await getFile(db, id, 'src/b.ts')).updatedAt).toEqual(before.updatedAt)
    expect((await listFiles(db, id)).map(({ path, bytes }) => [path, bytes])).toEqual([
      ['src/a.ts', 12],
      ['src/b.ts', 3],
    ])
    expect(await getProjectWithFiles(db, id)).toMatchObject({
      files: [{ path: 'src/a.ts', bytes: 12 }, { path: 'src/b.ts' }],
    })
    expect(await listProjectsWithFileCounts(db, {}, { limit: 10 })).toMatchObject([{ id, files: 2 }])
    expect(await listProjectsByFiles(db, 'src/', { limit: 10 })).toMatchObject([{ id, matched: 2 }])
    expect(await listProjectsByFiles(db, '%', { limit: 10 })).toEqual([])
    await deleteFile(db, id, 'src/a.ts')
    await expect(deleteFile(db, id, 'src/a.ts')).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no file src/a.ts.',
    })
    expect(await deleteFiles(db, id)).toBe(1)
    expect(await deleteFiles(db, id)).toBe(0)
  })

  it('of a great project go in one transaction', async () => {
    const { db } = await platformDatabase(major)
    const {
      project: { id },
    } = await userWithProject(db)
    const files = Array.from({ length: 10_000 }, (_, n) => ({
      path: `src/${n}.ts`,
      content: `export const n = ${n}`,
    }))
    await upsertFiles(db, id, files)
    expect(await deleteFiles(db, id)).toBe(10_000)
    await expect(upsertFiles(db, id, [...files, { path: 'nul', content: '\u0000' }])).rejects.toThrow()
    expect(await listFiles(db, id)).toEqual([])
  })

  it('leave one row for 20 who write the same one at once', async () => {
    const { db } = await platformDatabase(major)
    const {
      project: { id },
    } = await userWithProject(db)
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => upsertFile(db, id, { path: 'a.ts', content: `${n}` })),
    )
    expect(await listFiles(db, id)).toHaveLength(1)
  })
})
