import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { picture } from './generate/project.ts'
import { parsed } from './graph/archives.ts'
import { migrationNames } from './support/generated.ts'
import { emptyGuest, type Guest, migratedGuest, projectNames, pushedGuest } from './support/guests.ts'
import { matrixOf } from './support/matrix.ts'
import { type Exported, firstKeys, rootTables, rowsOf } from './support/moving.ts'
import { documentOf, ops, type ProgramOptions } from './support/program.ts'
import { majors } from './support/shared-servers.ts'

interface Cell {
  readonly command: string
  readonly document: object
}

/** What each command finds in a project that has just been migrated. */
const cells: readonly Cell[] = [
  {
    command: 'push --dry-run',
    document: { status: 'no_changes', statements: [], applied: 0, unresolved: [], notCompared: [] },
  },
  { command: 'generate', document: { status: 'no_changes', files: [], questions: [] } },
  { command: 'lint', document: { files: [], findings: [] } },
  { command: 'lint --all --level error', document: { sizes: 'live', level: 'error' } },
  { command: 'drift', document: { status: 'none', differences: [] } },
]

// biome-ignore lint/correctness/noEmptyPattern: Vitest takes nothing else
afterAll(({}, file) => console.log(matrixOf(file)))

describe.each(majors())('PostgreSQL %i', major => {
  describe.each(projectNames)('%s', name => {
    it('status, migrate, migrate again', async () => {
      const guest = await emptyGuest(name, major)
      const names = migrationNames(guest)
      const layout = name === 'backend-template-1.0' ? 'folders' : 'journal'

      const before = await ops(['status', '--json'], guest.here)
      expect(documentOf(before)).toMatchObject({
        layout,
        table: name === 'claude-code' ? 'public.drizzle_migrations' : 'drizzle.__drizzle_migrations',
        upToDate: false,
        counts: { pending: names.length, future: 0 },
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

    describe('migrated', () => {
      let guest: Guest
      let before: string
      let files: Record<string, string>
      beforeAll(async () => {
        guest = await migratedGuest(name, major)
        before = await guest.database.dump()
        files = picture({ ...guest, root: guest.out })
      })

      it.each(cells)('$command', async ({ command, document }) => {
        const { stdout, stderr, code } = await ops([...command.split(' '), '--json'], guest.here)
        expect(code, `${stdout}${stderr}`).toBe(0)
        expect(documentOf({ stdout })).toMatchObject(document)
        expect(await guest.database.dump()).toBe(before)
        expect(picture({ ...guest, root: guest.out })).toEqual(files)
      })

      it('health --deep', async () => {
        // the servers of the tests do without fsync
        const { stdout, code } = await ops(['health', '--deep', '--skip', 'settings', '--json'], guest.here)
        const { checks } = documentOf<{ checks: { id: string; status: string }[] }>({ stdout })
        expect(checks.length).toBeGreaterThan(20)
        expect(checks.filter(({ status }) => ['critical', 'unknown'].includes(status))).toEqual([])
        expect(code).toBe(0)
      })

      it('stats (each report)', async () => {
        const listed = await ops(['stats', 'list', '--json'], guest.here)
        const reports = documentOf<{ reports: { name: string }[] }>(listed).reports.map(each => each.name)
        expect(reports.length).toBeGreaterThan(20)
        for (const report of reports) {
          const { stdout, stderr, code } = await ops(['stats', report, '--json'], guest.here)
          expect(code, `${report}: ${stderr}${stdout}`).toBe(0)
          expect(documentOf({ stdout })).toMatchObject({ report, rows: expect.any(Array) })
        }
      })
    })

    describe('with rows', () => {
      let guest: Guest
      let exported: Exported & { file: string }
      let keys: string[]
      beforeAll(async () => {
        guest = await migratedGuest(name, major)
        const seeded = await ops(['seed', '--rows', '10', '--seed', '1', '--yes'], guest.here)
        expect(seeded.code, seeded.stderr).toBe(0)
        keys = await firstKeys(guest.database, rootTables[name], 5)
      })

      it('export', async () => {
        const args = ['export', rootTables[name], ...keys, '--cross', 'skip', '--with-secrets', '-o', 'rows']
        const { stdout, stderr, code } = await ops([...args, '--json'], guest.here)
        expect(code, stdout + stderr).toBe(0)
        exported = documentOf({ stdout })
        const { rows } = parsed(readFileSync(exported.file, 'utf8'))
        const root = `public.${rootTables[name]}`
        expect(exported).toMatchObject({ file: join(guest.root, 'rows'), root: { table: root, key: keys } })
        expect(rows[root]?.map(({ id }) => String(id)).sort()).toEqual([...keys].sort())
        expect(exported.tables).toEqual(
          exported.tables.map(({ table }) => ({ table, rows: rows[table]?.length ?? 0 })),
        )
      })

      it('import', async () => {
        const target = await migratedGuest(name, major)
        const { stdout, stderr, code } = await ops(['import', exported.file, '--yes', '--json'], target.here)
        expect(code, stdout + stderr).toBe(0)
        expect(documentOf({ stdout })).toMatchObject({
          dryRun: false,
          tables: exported.tables.map(({ table, rows }) => ({
            table,
            read: rows,
            inserted: rows,
            updated: 0,
            skipped: 0,
          })),
        })
        const [here, there] = [
          await rowsOf(guest.database, exported),
          await rowsOf(target.database, exported),
        ]
        expect([...there].filter(row => !here.has(row))).toEqual([])
        expect(there.size).toBe(exported.tables.reduce((sum, { rows }) => sum + rows, 0))
      })

      it('seed, seed --append', async () => {
        const { here } = await migratedGuest(name, major)
        for (const mode of [[], ['--append']]) {
          const { stdout, stderr, code } = await ops(['seed', '--yes', '--json', ...mode], here)
          expect(code, `${stdout}${stderr}`).toBe(0)
          const { tables } = documentOf<{ tables: { table: string; rows: number }[] }>({ stdout })
          // the platform's own seed asks for fewer workspaces
          expect(tables.filter(({ rows }) => rows < (name === 'platform' ? 1 : 20))).toEqual([])
        }
        const { stdout } = await ops(['health', '--deep', '--skip', 'settings', '--json'], here)
        const { checks } = documentOf<{ checks: { id: string; status: string }[] }>({ stdout })
        expect(checks.filter(({ status }) => ['critical', 'unknown'].includes(status))).toEqual([])
      })

      it('cleanup', async () => {
        const { here, root, database } = await migratedGuest(name, major)
        await ops(['seed', '--yes', '--rows', '30'], here)
        const found = await listed(here)
        const lines = found.flatMap(({ paste }) => paste ?? [])
        if (found.length === 0) {
          const { stdout, code } = await ops(['cleanup', '--yes', '--json'], here)
          expect([code, documentOf<Refusal>({ stdout }).error.code]).toEqual([2, 'policies-missing'])
          return
        }
        if (name !== 'platform')
          appendFileSync(
            join(root, 'drizzle.config.ts'),
            `\nexport const ops = { cleanup: { ${lines.join(' ')} } }\n`,
          )
        for (const { name: policy } of name === 'platform' ? found.filter(each => each.configured) : found) {
          const cleaned = async () => ops(['cleanup', policy, '--yes', '--allow', 'large', '--json'], here)
          let outcome = await cleaned()
          // what the hint says is what mends it
          if (outcome.code === 1 && documentOf<Refusal>(outcome).error.code === 'policy-cascade') {
            await database.sql.unsafe(documentOf<Refusal>(outcome).error.hint.replace('Make one first: ', ''))
            outcome = await cleaned()
          }
          // sessions and orders without ON DELETE stand in the way of their user's end
          if (name.startsWith('backend-template') && outcome.code === 1)
            expect(documentOf<Refusal>(outcome).error.code).toBe('policy-referenced')
          else {
            expect(outcome.code, outcome.stdout).toBe(0)
            expect(documentOf(outcome)).toMatchObject({ policies: [{ name: policy, stoppedBy: null }] })
            expect((await listed(here)).find(each => each.name === policy)?.expired).toBe(0)
          }
        }
      })
    })
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

interface Refusal {
  readonly error: { readonly code: string; readonly hint: string }
}

async function listed(here: ProgramOptions) {
  const { stdout, stderr, code } = await ops(['cleanup', 'list', '--json'], here)
  expect(code, stderr).toBe(0)
  return documentOf<{
    policies: { name: string; configured: boolean; expired: number | null; paste: string | null }[]
  }>({ stdout }).policies
}
