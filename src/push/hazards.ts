/** What may go wrong with a statement, from the worst on. */
export const HAZARDS = [
  'deletes-data',
  'may-lose-data',
  'drops-object',
  'breaks-clients',
  'rewrites-table',
  'blocks-reads',
  'needs-using',
  'blocks-writes',
  'scans-table',
] as const

export type Hazard = (typeof HAZARDS)[number]

/** These are only told: they pass, and leave everything as it was. */
const ONLY_TOLD: readonly Hazard[] = ['blocks-writes', 'scans-table']

/** Those that must be granted and are not, in their order. */
export function ungranted(hazards: Iterable<Hazard>, allow: readonly string[]): Hazard[] {
  const found = new Set(hazards)
  return HAZARDS.filter(each => found.has(each) && !ONLY_TOLD.includes(each) && !allow.includes(each))
}

export function inOrder(hazards: Iterable<Hazard>): Hazard[] {
  const found = new Set(hazards)
  return HAZARDS.filter(each => found.has(each))
}
