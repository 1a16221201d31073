import { describe, expect, it } from 'vitest'
import {
  backlinks,
  getPage,
  insertNodes,
  listBlocks,
  listPages,
  subtree,
} from '../../src/platform/services/nodes.ts'
import { createUser } from '../../src/platform/services/users.ts'
import {
  connectRepository,
  createWorkspace,
  getWorkspace,
  listDeployments,
  listWorkspaces,
  recordDeployment,
  setSyncStatus,
  updateWorkspace,
} from '../../src/platform/services/workspaces.ts'
import { platformDatabase } from '../support/platform.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('workspaces on PostgreSQL %i', major => {
  it('are one for each user, with a repository and deployments', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, { id: 'ada', email: 'ada@example.com' })
    const { id } = await createWorkspace(db, { userId: 'ada', slug: 'ada', name: "Ada's" })
    await expect(createWorkspace(db, { userId: 'ada', slug: 'other', name: 'x' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'A workspace of user ada, or one called other, exists already.',
    })
    expect(await updateWorkspace(db, id, { domain: 'ada.example.com' })).toMatchObject({
      domain: 'ada.example.com',
      embedDepth: 5,
    })
    expect(await getWorkspace(db, id)).toMatchObject({ slug: 'ada' })
    expect(await listWorkspaces(db, { limit: 10 })).toMatchObject([{ id }])
    await expect(getWorkspace(db, 0)).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no workspace 0.',
    })
    await expect(setSyncStatus(db, id, 'syncing')).rejects.toMatchObject({ code: 'not-found' })
    await connectRepository(db, id, { repoUrl: 'https://git.example.com/a' })
    expect(
      await connectRepository(db, id, { repoUrl: 'https://git.example.com/b', branch: 'next' }),
    ).toMatchObject({ branch: 'next', syncStatus: 'idle' })
    expect(await setSyncStatus(db, id, 'error', 'no route')).toMatchObject({
      errorLog: 'no route',
      lastSync: null,
    })
    expect(await setSyncStatus(db, id, 'success')).toMatchObject({
      errorLog: null,
      lastSync: expect.any(Date),
    })
    for (const commitSha of ['a', 'b', 'c']) {
      await recordDeployment(db, {
        workspaceId: id,
        commitSha,
        status: 'success',
        deployedAt: new Date(2026, 0, commitSha.charCodeAt(0)),
      })
    }
    expect((await listDeployments(db, id, 2)).map(({ commitSha }) => commitSha)).toEqual(['c', 'b'])
  })

  it('hold pages of blocks that link to each other', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, { id: 'ada', email: 'ada@example.com' })
    const { id } = await createWorkspace(db, { userId: 'ada', slug: 'ada', name: "Ada's" })
    const node = (uuid: string, parentUuid: string | null, order: number, html: string | null = null) => ({
      uuid,
      parentUuid,
      order,
      html,
      pageName: parentUuid ? 'home' : uuid,
      slug: parentUuid ? '' : uuid,
      title: uuid,
      metadata: { tags: [uuid] },
    })
    // children first, on purpose
    await insertNodes(db, id, [
      node('b1a', 'b1', 0, '<a href="/50%_off">'),
      node('b2', 'home', 2, 'see [[50%_off]]'),
      node('b10', 'home', 10),
      node('b1', 'home', 1, 'see [[50x_off]]'),
      node('home', null, 0),
      node('50%_off', null, 0),
    ])
    expect((await listPages(db, id)).map(({ slug }) => slug)).toEqual(['50%_off', 'home'])
    expect((await listBlocks(db, 'home')).map(({ uuid }) => uuid)).toEqual(['b1', 'b2', 'b10'])
    expect((await subtree(db, 'home')).map(({ uuid, depth }) => [uuid, depth])).toEqual([
      ['home', 0],
      ['b1', 1],
      ['b1a', 2],
      ['b2', 1],
      ['b10', 1],
    ])
    expect(await subtree(db, 'home', 1)).toHaveLength(4)
    const page = await getPage(db, id, '50%_off')
    expect(page.metadata).toEqual({ tags: ['50%_off'] })
    expect((await backlinks(db, page)).map(({ uuid }) => uuid)).toEqual(['b1a', 'b2'])
    await expect(getPage(db, id, 'none')).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no page none.',
    })
    await insertNodes(
      db,
      id,
      Array.from({ length: 3000 }, (_, n) =>
        node(`n${n}`, n === 2999 ? null : `n${Math.min(n + 30, 2999)}`, n),
      ),
    )
    expect(await subtree(db, 'n2999')).toHaveLength(3000)
    await expect(
      insertNodes(db, id, [node('new', null, 0), node('x', 'y', 0), node('y', 'x', 0)]),
    ).rejects.toMatchObject({
      code: 'usage',
      message: 'Node x hangs from itself, directly or by others.',
    })
  })
})
