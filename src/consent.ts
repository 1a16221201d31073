import type { Context } from './command.ts'
import { OpsError } from './errors.ts'

/**
 * Asks before something is destroyed; `--yes` answers beforehand.
 * Throws OpsError, exit 2: `consent-missing` where nobody is there to ask, `declined` where somebody says no.
 */
export async function askConsent(context: Context, what: string): Promise<void> {
  if (context.globals.yes) return
  const answer = await context.ask(`${what} Go on? [y/N]`)
  if (answer === undefined) {
    throw new OpsError({
      code: 'consent-missing',
      message: `${what} Nobody is at a terminal to agree.`,
      hint: 'Add --yes to agree beforehand.',
      exit: 2,
    })
  }
  if (!['y', 'yes'].includes(answer.toLowerCase())) {
    throw new OpsError({
      code: 'declined',
      message: 'Declined; nothing was changed.',
      hint: 'Answer y to go on.',
      exit: 2,
    })
  }
}
