import { OpsError } from '../errors.ts'

const MISSING = /^Cannot find package '(drizzle-orm|postgres)' imported from /
const ANOTHER = /^The requested module 'drizzle-orm[^']*' does not provide an export /

/** What Node says where drizzle-orm, which is the project's own, is not there or not the one that a command knows. */
export function explainOrm(error: unknown): OpsError | undefined {
  if (!(error instanceof Error)) return undefined
  const [, missing] = MISSING.exec(error.message) ?? []
  if (missing)
    return new OpsError({
      code: 'drizzle-orm-missing',
      message: `The command works with drizzle-orm over postgres, and ${missing} is not installed beside drizzle-ops.`,
      hint: `npm install ${missing}`,
      exit: 2,
      cause: error,
    })
  if (error instanceof SyntaxError && ANOTHER.test(error.message))
    return new OpsError({
      code: 'drizzle-orm-version',
      message: 'The command is written for drizzle-orm 0.45, and the project has another version.',
      hint: "Only the platform's own administration needs 0.45; drizzle-ops export and import move projects of any schema.",
      exit: 2,
      cause: error,
    })
  return undefined
}
