import { expect, it } from 'vitest'
import { suggestion } from '../src/suggestion.ts'

const tables = ['users', 'auth.sessions', 'project_files', 'projects']

it.each([
  ['user', 'users'],
  ['Users', 'users'],
  ['usres', 'users'],
  ['project', 'projects'],
  ['projectfiles', 'project_files'],
  ['sessions', 'auth.sessions'],
  ['public.users', 'users'],
  ['prjects', 'projects'],
])('%s is a slip for %s', (word, name) => {
  expect(suggestion(word, tables)).toBe(`Did you mean ${name}?`)
  expect(suggestion(word, tables, 'See the list.')).toBe(`Did you mean ${name}? See the list.`)
})

it.each(['x', 'us', 'invoices', 'speed', ''])('%o is a slip for nothing', word => {
  expect(suggestion(word, tables)).toBe('There are users, auth.sessions, project_files, projects.')
  expect(suggestion(word, tables, 'See the list.')).toBe('See the list.')
})

it('lists no more names than are read', () => {
  const many = Array.from({ length: 23 }, (_, index) => `t${index}`)
  expect(suggestion('invoices', many)).toBe(`There are ${many.slice(0, 20).join(', ')} and 3 more.`)
  expect(suggestion('invoices', [])).toBe('There are none.')
})
