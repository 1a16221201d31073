import { describe, expect, it } from 'vitest'
import { migratedGuest, projectNames, pushedGuest } from '../support/guests.ts'
import { documentOf, ops } from '../support/program.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('push on PostgreSQL %i', major => {
  it.each(projectNames)('finds nothing to do in %s once it is migrated', async name => {
    const { here } = await migratedGuest(name, major)
    const { code, stdout, stderr } = await ops(['push', '--dry-run', '--json'], here)
    expect(code, stderr).toBe(0)
    expect(documentOf({ stdout })).toMatchObject({
      status: 'no_changes',
      statements: [],
      unresolved: [],
      notCompared: [],
    })
  })

  it('finds nothing to do where drizzle-kit has pushed', async () => {
    const { here } = await pushedGuest(major)
    const { code, stdout } = await ops(['push', '--dry-run', '--json'], here)
    expect({ code, ...documentOf<object>({ stdout }) }).toMatchObject({
      code: 0,
      status: 'no_changes',
      statements: [],
    })
  })
})
