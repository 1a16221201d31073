import { describe, expect, it } from 'vitest'
import type { PlannedFile } from '../../src/migrations/plan-statements.ts'
import { byHand } from '../support/by-hand.ts'
import { clone, template } from '../support/databases.ts'
import { lockNames, plan, rehearse } from '../support/planning.ts'
import { journalProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { ddl, fixture } from './ddl.ts'

const statements = ddl.map((sql, index) => sql.replaceAll('$', `s${index}`))

const tables = template('ddl', async ({ sql }) => {
  for (const index of statements.keys()) await sql.unsafe(fixture(`s${index}`)).simple()
})

describe.each(majors())('30 statements on PostgreSQL %i', major => {
  it('take the locks by hand that the plan foretells and the rehearsal measures', async () => {
    const database = await clone(tables, major)
    const project = journalProject(
      statements.map((sql, index) => ({ name: `${1000 + index}_statement`, sql })),
    )
    const hand = new Map<string, object>()
    for (const sql of statements) {
      const { locks, rewrites } = await byHand(database.sql, sql)
      // an emptied table has a new file too, into which nothing is copied
      hand.set(sql, { locks, rewrites: sql.startsWith('TRUNCATE') ? [] : rewrites })
    }

    const planned = (await plan(project, database)).files
    const rehearsed = await rehearse(project, database)
    expect(statements).toHaveLength(30)
    expect(rehearsed.end).toBe(null)
    expect(told(rehearsed.files)).toEqual(hand)
    expect(told(planned)).toEqual(hand)
    expect(locksOf(rehearsed.files)).toEqual(locksOf(planned))
  })
})

function told(files: readonly PlannedFile[]): Map<string, object> {
  return new Map(
    files.flatMap(file =>
      file.statements.map(({ sql, locks, rewrites }) => [
        sql,
        { locks: lockNames(locks), rewrites: [...rewrites].sort() },
      ]),
    ),
  )
}

/** With what kind each relation is, and whether it is made by the run. */
function locksOf(files: readonly PlannedFile[]): object[] {
  return files.flatMap(({ statements: all }) => all.map(({ sql, locks }) => ({ sql, locks })))
}
