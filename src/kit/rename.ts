import { OpsError } from '../errors.ts'

/** Something new beside something that is gone: renamed, or another one? */
export interface Question {
  readonly kind: string
  /** What is new: `users.full_name`, `users`, `auth.users`. What is in public goes without its schema. */
  readonly name: string
  /** What it may have been, in the same form. */
  readonly candidates: readonly string[]
}

/** One `--rename old:new`: `users.name:full_name`, `users:people`, `auth.users:auth.people`. */
export interface Rename {
  readonly from: string
  readonly to: string
}

const PUBLIC = /^public\./

/** What has been said about renames. */
export interface Decisions {
  readonly renames: readonly Rename[]
  /** What is new although something is gone, in the form of `Question.name`. */
  readonly created: readonly string[]
}

export const UNDECIDED: Decisions = { renames: [], created: [] }

/** Reads `old:new`. Throws OpsError `rename-invalid`, exit 2. */
export function parseRename(text: string): Rename {
  const [from = '', to = '', ...rest] = text.split(':')
  if (from !== '' && to !== '' && rest.length === 0)
    return { from: withoutPublic(from), to: withoutPublic(to) }
  throw new OpsError({
    code: 'rename-invalid',
    message: `--rename takes old:new, and ${JSON.stringify(text)} is not.`,
    hint: 'For a column: --rename users.name:full_name. For a table: --rename users:people.',
    exit: 2,
  })
}

/** Throws OpsError `rename-invalid`, exit 2, where one thing is to have become two, or two things one. */
export function checkRenames(renames: readonly Rename[]): void {
  const twice = repeated(renames.map(({ from }) => from)) ?? repeated(renames.map(newName))
  if (twice === undefined) return
  throw new OpsError({
    code: 'rename-invalid',
    message: `--rename names ${twice} twice, and only one of them can be a rename.`,
    hint: 'Leave one of them out, and name what is new with --create.',
    exit: 2,
  })
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) < index)
}

/** What it was before, null where it is new, undefined where nothing has been said. */
export function decide({ name, candidates }: Question, decisions: Decisions): string | null | undefined {
  const rename = decisions.renames.find(
    each => candidates.includes(each.from) && (name === each.to || name === newName(each)),
  )
  if (rename) return rename.from
  return decisions.created.map(withoutPublic).includes(name) ? null : undefined
}

/** It may leave out what it has in common with the old one. */
function newName({ from, to }: Rename): string {
  return to.includes('.') ? to : `${beside(from)}${to}`
}

function beside(name: string): string {
  return name.slice(0, name.lastIndexOf('.') + 1)
}

/** How each question can be answered, for a hint. */
export function optionsFor({ name, candidates }: Question): string[] {
  return [...candidates.map(from => `--rename ${from}:${shortly(name, from)}`), `--create ${name}`]
}

function shortly(name: string, from: string): string {
  return beside(name) === beside(from) ? name.slice(beside(name).length) : name
}

export function withoutPublic(name: string): string {
  return name.replace(PUBLIC, '')
}
