import { expect, it } from 'vitest'
import { type Migration, readMigrations } from '../../src/migrations/folder.ts'
import { newestSnapshot, objectsOf } from '../../src/migrations/snapshot.ts'
import { projectWith } from '../support/context.ts'
import { generatedProject } from '../support/generated.ts'

const schema = (name: string) => `export const s = pgSchema('${name}')\n`
const users = (name: string, ...columns: string[]) =>
  `export const users = s.table('${name}', { ${columns.map(column => `${column}: integer()`).join(', ')} })\n`

it('puts together what drizzle-kit 1.0 notes as changes', async () => {
  const { out } = await generatedProject(
    '1.0',
    {
      name: 'first',
      schema: `${schema('a')}${users('users', 'id', 'age')}export const t = pgTable('t', { id: integer() })\n`,
    },
    {
      name: 'renamed',
      schema: schema('b') + users('people', 'id', 'years'),
      hints: [
        { type: 'rename', kind: 'schema', from: ['a'], to: ['b'] },
        { type: 'rename', kind: 'table', from: ['b', 'users'], to: ['b', 'people'] },
        { type: 'rename', kind: 'column', from: ['b', 'people', 'age'], to: ['b', 'people', 'years'] },
      ],
    },
    {
      name: 'dropped',
      schema: `${schema('b')}${users('people', 'id')}export const mood = s.enum('mood', ['a'])\n`,
    },
  )
  const folder = readMigrations({ ...projectWith({}), out })
  const objectsAfter = (count: number) => {
    const snapshot = newestSnapshot(folder, folder.migrations.slice(0, count) as Migration[])
    return objectsOf(snapshot ?? '')
      .map(({ kind, schema, name, column }) => [kind, schema, name, column].join(' ').trim())
      .sort()
  }
  expect(objectsAfter(1)).toEqual([
    'column a users age',
    'column a users id',
    'column public t id',
    'schema a a',
    'table a users',
    'table public t',
  ])
  expect(objectsAfter(2)).toEqual([
    'column b people id',
    'column b people years',
    'schema b b',
    'table b people',
  ])
  expect(objectsAfter(3)).toEqual(['column b people id', 'schema b b', 'table b people', 'type b mood'])
})
