import { InvalidArgumentError } from 'commander'
import { suggestion } from '../suggestion.ts'
import { projectStatus } from './schema/projects.ts'
import type { ProjectStatus } from './services/projects.ts'

/** `idle,active` as statuses of projects. */
export function statuses(text: string, previous: readonly ProjectStatus[] = []): ProjectStatus[] {
  return [...previous, ...text.split(',').map(word => status(word.trim()))]
}

export function status(word: string): ProjectStatus {
  const known = projectStatus.enumValues
  const found = known.find(value => value === word)
  if (found) return found
  throw new InvalidArgumentError(suggestion(word, known, `There are ${known.join(', ')}.`))
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A project's id, as the server would write it. */
export function uuid(text: string): string {
  if (!UUID.test(text))
    throw new InvalidArgumentError('Write a uuid, as drizzle-ops project list shows them.')
  return text.toLowerCase()
}

const EMAIL = /^[^\s@]+@[^\s@]+$/

/** An address that may be one: only mail to it could tell more. */
export function email(text: string): string {
  if (!EMAIL.test(text)) throw new InvalidArgumentError('Write an address, as in ada@example.com.')
  return text
}
