import { expect, it } from 'vitest'
import { ops as config } from '../../drizzle.config.ts'
import type { CleanupDocument } from '../support/cleaning.ts'
import { platformDatabase, userWithProject } from '../support/platform.ts'
import { documentOf, ops } from '../support/program.ts'
import { majors } from '../support/shared-servers.ts'

const root = new URL('../..', import.meta.url).pathname

it.each(majors())('cleans the platform up by its own policies on PostgreSQL %i', async major => {
  const { db, sql, url } = await platformDatabase(major)
  const { project } = await userWithProject(db)
  await sql`UPDATE projects SET deleted_at = now() - interval '29 days'`
  for (const days of [29, 31])
    await sql`INSERT INTO projects (user_id, name, description, deleted_at)
      VALUES ('ada', ${`old ${days}`}, '', now() - ${days} * interval '1 day')`
  await sql`
    INSERT INTO sessions (id, user_id, token, expires_at, last_active_at)
    SELECT name, 'ada', name, now() + expires::interval, now() + active::interval
    FROM (VALUES ('live', '1 day', '-29 days'), ('never used', '1 day', NULL), ('expired', '-1 minute', '-2 minutes'),
                 ('idle', '1 day', '-31 days')) AS session (name, expires, active)`
  await sql`
    INSERT INTO verifications (id, identifier, value, expires_at)
    VALUES ('old', 'a', 'a', now() - interval '1 minute'), ('new', 'b', 'b', now() + interval '1 minute'),
           ('newer', 'c', 'c', now() + interval '1 minute')`
  await sql`
    INSERT INTO audit_logs (action, table_name, record_id, changes, created_at)
    SELECT 'update', 'projects', days, '{}', now() - days * interval '1 day' FROM unnest(ARRAY[399, 401]) AS days`

  const outcome = await ops(['cleanup', '--yes', '--json', '--url', url], { cwd: root })
  expect(outcome.code, outcome.stdout).toBe(0)
  expect(documentOf<CleanupDocument>(outcome).policies.map(({ name, deleted }) => [name, deleted])).toEqual([
    ['sessions', 1],
    ['verifications', 1],
    ['idleSessions', 1],
    // children of projects, which they outlive
    ['auditLogs', 1],
    ['trash', 1],
  ])
  expect(Object.keys(config.cleanup ?? {})).toEqual([
    'sessions',
    'verifications',
    'idleSessions',
    'trash',
    'auditLogs',
  ])
  expect(await sql`SELECT id FROM sessions ORDER BY id`).toEqual([{ id: 'live' }, { id: 'never used' }])
  expect(await sql`SELECT id FROM verifications ORDER BY id`).toEqual([{ id: 'new' }, { id: 'newer' }])
  expect(await sql`SELECT name FROM projects ORDER BY name`).toEqual([
    { name: project.name },
    { name: 'old 29' },
  ])
  expect(await sql`SELECT FROM audit_logs WHERE record_id = '399'`).toHaveLength(1)
  expect(await sql`SELECT FROM audit_logs WHERE record_id = '401'`).toHaveLength(0)
})
