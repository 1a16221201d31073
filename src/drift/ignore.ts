import type { DriftKind } from '../config.ts'
import { OpsError } from '../errors.ts'
import { suggestion } from '../suggestion.ts'
import { type Id, KINDS } from './thing.ts'

/** Says whether something is to be passed over, by its own name or that of what it belongs to, and keeps count. */
export interface Ignoring {
  passes(ids: readonly string[]): boolean
  /** How many differences it has passed over. */
  count(): number
  /** The entries that nothing has matched. */
  unused(): string[]
}

const ALL_KINDS: readonly DriftKind[] = [...KINDS, 'role', 'migration']
const SPECIAL = /[.+?^${}()|[\]\\]/g

/** Reads `ops.drift.ignore`. Throws OpsError `ops-invalid`, exit 2, where an entry names no kind. */
export function ignoring(entries: readonly string[], configFile: string): Ignoring {
  if (!Array.isArray(entries) || !entries.every(entry => typeof entry === 'string'))
    throw notAList(configFile)
  const patterns = entries.map(entry => ({ entry, pattern: patternOf(entry, configFile), used: 0 }))
  return {
    passes: ids => {
      const found = patterns.find(({ pattern }) => ids.some(id => pattern.test(id)))
      if (found) found.used += 1
      return found !== undefined
    },
    count: () => patterns.reduce((sum, { used }) => sum + used, 0),
    unused: () => patterns.filter(({ used }) => used === 0).map(({ entry }) => entry),
  }
}

/** `table:public.tmp_*`, where a star stands for any characters. */
function patternOf(entry: string, configFile: string): RegExp {
  const kind = entry.slice(0, Math.max(entry.indexOf(':'), 0))
  if (!ALL_KINDS.some(each => each === kind)) throw invalid(entry, kind, configFile)
  return new RegExp(`^${entry.replace(SPECIAL, '\\$&').replaceAll('*', '.*')}$`)
}

function notAList(configFile: string): OpsError {
  return new OpsError({
    code: 'ops-invalid',
    message: `ops.drift.ignore of ${configFile} is not a list of texts.`,
    hint: "Write ignore: ['table:public.tmp_*'].",
    exit: 2,
  })
}

function invalid(entry: string, kind: string, configFile: string): OpsError {
  return new OpsError({
    code: 'ops-invalid',
    message: `ops.drift.ignore of ${configFile} holds ${JSON.stringify(entry)}, which names no kind of object.`,
    hint: `Write kind:name, such as table:public.tmp_*. ${suggestion(kind, ALL_KINDS, `The kinds are ${ALL_KINDS.join(', ')}.`)}`,
    exit: 2,
  })
}

/** The thing itself and all that it belongs to. */
export function withOwners(id: Id, ownerOf: (id: Id) => Id | null): Id[] {
  const ids: Id[] = []
  for (let at: Id | null = id; at !== null; at = ownerOf(at)) ids.push(at)
  return ids
}
