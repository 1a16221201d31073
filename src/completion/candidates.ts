import { Command as Cli, type Option } from 'commander'
import type { CommandEntry } from '../command.ts'
import { declareGlobals } from '../options.ts'

/** One thing that could be typed next. */
export interface Candidate {
  readonly word: string
  readonly description: string
}

/** Names that lie in the project, not in the program. */
export type NameKind = 'migration' | 'table'

export type NamesOf = (kind: NameKind) => Promise<readonly Candidate[]>

/** What the values of flags and arguments are, by the words that help shows for them. */
const KINDS: Readonly<Record<string, NameKind>> = {
  '--to': 'migration',
  '--mark-applied': 'migration',
  '--forget': 'migration',
  '--restamp': 'migration',
  'baseline name': 'migration',
  '--table': 'table',
  '--include': 'table',
  '--exclude': 'table',
  'seed --only': 'table',
  'export table': 'table',
}

/** What may come at the place of the last word, which has been typed as far as it stands there. */
export async function candidatesFor(
  words: readonly string[],
  entries: readonly CommandEntry[],
  namesOf: NamesOf,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  return (await allFor(before, current, entries, namesOf)).filter(({ word }) => word.startsWith(current))
}

async function allFor(
  before: readonly string[],
  current: string,
  entries: readonly CommandEntry[],
  namesOf: NamesOf,
): Promise<readonly Candidate[]> {
  const globals = new Cli()
  declareGlobals(globals)
  const spoken = operandsOf(before, globals.options)
  const entry = entryOf(spoken, entries)
  const command = new Cli()
  if (entry) (await entry.load()).options(command)
  const options = [...command.options, ...globals.options]
  const name = entry?.name ?? ''
  const open = options.find(({ long, required }) => required && long === before.at(-1))
  if (open) return valuesOf(open, `${name} ${open.long}`, namesOf)
  if (current.startsWith('-'))
    return options.map(({ long, description }) => ({ word: long ?? '', description }))
  if (!entry) return wordsAfter(spoken, entries)
  const position = operandsOf(before, options).length - name.split(' ').length
  const argument = command.registeredArguments[Math.min(position, command.registeredArguments.length - 1)]
  const deeper = wordsAfter(spoken, entries)
  if (!argument || (position >= command.registeredArguments.length && !argument.variadic)) return deeper
  const choices = (argument.argChoices ?? []).map(word => ({ word, description: argument.description }))
  const kind = KINDS[`${name} ${argument.name()}`]
  return [...deeper, ...choices, ...(kind ? await namesOf(kind) : [])]
}

async function valuesOf(option: Option, place: string, namesOf: NamesOf): Promise<readonly Candidate[]> {
  if (option.argChoices) return option.argChoices.map(word => ({ word, description: option.description }))
  const kind = KINDS[place] ?? KINDS[option.long ?? '']
  return kind ? namesOf(kind) : []
}

/** The words that are neither flags nor their values. */
function operandsOf(words: readonly string[], options: readonly Option[]): string[] {
  const takesValue = (word: string | undefined) =>
    options.some(({ long, required }) => required && long === word)
  return words.filter((word, index) => !word.startsWith('-') && !takesValue(words[index - 1]))
}

function entryOf(words: readonly string[], entries: readonly CommandEntry[]): CommandEntry | undefined {
  const named = (name: string) => entries.find(entry => entry.name === name)
  return named(words.slice(0, 2).join(' ')) ?? named(words[0] ?? '')
}

/** First words, or those of a group. */
function wordsAfter(spoken: readonly string[], entries: readonly CommandEntry[]): Candidate[] {
  const inside =
    spoken.length === 0 ? entries : entries.filter(({ name }) => name.startsWith(`${spoken[0]} `))
  if (spoken.length > 1) return []
  const seen = new Map<string, Candidate>()
  for (const { name, summary } of inside) {
    const word = name.split(' ')[spoken.length] ?? ''
    if (!seen.has(word)) seen.set(word, { word, description: summary })
  }
  return [...seen.values()]
}
