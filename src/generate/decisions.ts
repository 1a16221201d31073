import type { Context } from '../command.ts'
import { declined } from '../consent.ts'
import { OpsError } from '../errors.ts'
import { type Decisions, decide, type Question } from '../kit/rename.ts'

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

/** A rename that answers no question is a slip of the pen. Throws OpsError `rename-unused`, exit 2. */
export function checkUsed({ renames }: Decisions, asked: readonly Question[]): void {
  const unused = renames.find(rename =>
    asked.every(question => decide(question, { renames: [rename], created: [] }) === undefined),
  )
  if (!unused) return
  throw new OpsError({
    code: 'rename-unused',
    message: `--rename ${unused.from}:${unused.to} fits nothing: the schema has not lost ${unused.from}, or has nothing new of that name beside it.`,
    hint: 'Correct it, or leave it out to see what drizzle-kit asks about.',
    exit: 2,
  })
}
