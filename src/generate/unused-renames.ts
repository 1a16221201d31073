import { OpsError } from '../errors.ts'
import { type Decisions, decide, type Question } from '../kit/rename.ts'

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
