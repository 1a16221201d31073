import type { Context } from '../command.ts'
import { declined } from '../consent.ts'
import type { Decisions, Question } from './rename.ts'

const NUMBER = /^\d+$/

/**
 * Asks a person about one thing; undefined where nobody is there. Throws OpsError `declined`, exit 2, at an answer
 * that is not offered.
 */
export async function askPerson(
  context: Context,
  { kind, name, candidates }: Question,
  decisions: Decisions,
): Promise<Decisions | undefined> {
  const answer = await context.ask(choices(kind, name, candidates))
  if (answer === undefined) return undefined
  if (!NUMBER.test(answer) || Number(answer) > candidates.length)
    throw declined('Answer with one of the numbers, or beforehand with --rename or --create.')
  const from = candidates[Number(answer) - 1]
  return from === undefined
    ? { ...decisions, created: [...decisions.created, name] }
    : { ...decisions, renames: [...decisions.renames, { from, to: name }] }
}

function choices(kind: string, name: string, candidates: readonly string[]): string {
  return [
    `Is the ${kind} ${name} new, or was it renamed?`,
    '  0  new',
    ...candidates.map((candidate, index) => `  ${index + 1}  renamed from ${candidate}`),
    `[0-${candidates.length}]`,
  ].join('\n')
}
