import { describe, expect, it } from 'vitest'
import { migrationNames } from './support/generated.ts'
import { emptyGuest, projectNames, pushedGuest } from './support/guests.ts'
import { documentOf, ops } from './support/program.ts'
import { majors } from './support/shared-servers.ts'

describe.each(majors())('on PostgreSQL %i', major => {
  it.each(projectNames)('%s: status, migrate, migrate again', async name => {
    const guest = await emptyGuest(name, major)
    const names = migrationNames(guest)
    const layout = name === 'backend-template-1.0' ? 'folders' : 'journal'

    const before = await ops(['status', '--json'], guest.here)
    expect(documentOf(before)).toMatchObject({
      layout,
      table: name === 'claude-code' ? 'public.drizzle_migrations' : 'drizzle.__drizzle_migrations',
      upToDate: false,
      counts: { pending: names.length },
      migrations: names.map(each => ({ name: each, state: 'pending' })),
    })
    expect(before.code).toBe(0)
    const whens = documentOf<{ migrations: { when: string }[] }>(before).migrations.map(({ when }) => when)
    expect(whens).toEqual([...new Set(whens)].sort())

    const first = await ops(['migrate', '--json'], guest.here)
    expect(first.code, first.stderr).toBe(0)
    expect(documentOf(first)).toMatchObject({
      applied: names.map(each => ({ name: each, transaction: 'file' })),
      pending: [],
      alreadyApplied: 0,
    })

    const again = await ops(['migrate', '--json'], guest.here)
    expect(documentOf(again)).toMatchObject({ applied: [], pending: [], alreadyApplied: names.length })
    const after = await ops(['status', '--json', '--check'], guest.here)
    expect(documentOf(after)).toMatchObject({ upToDate: true, counts: { applied: names.length } })
    expect(after.code).toBe(0)
  })

  it('pushed: migrate answers with the baseline that adopts it', async () => {
    const { here } = await pushedGuest(major)
    const refused = await ops(['migrate', '--json'], here)
    expect(refused.code).toBe(1)
    const { error } = documentOf<{ error: { code: string; hint: string } }>(refused)
    expect(error.hint).toContain('drizzle-ops baseline 0001_huge_iron_lad')
    expect(documentOf(await ops(['status', '--json'], here))).toMatchObject({
      counts: { applied: 0, pending: 2 },
    })

    const adopted = await ops(['baseline', '0001_huge_iron_lad', '--yes'], here)
    expect(adopted.code, adopted.stderr).toBe(0)
    expect(documentOf(await ops(['migrate', '--json'], here))).toMatchObject({
      applied: [],
      alreadyApplied: 2,
    })
  })
})
