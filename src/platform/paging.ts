import type { Cli } from '../command.ts'
import { count, positive } from '../options.ts'
import type { Page } from './services/page.ts'

export interface PagingOptions {
  readonly limit: number
  readonly offset?: number
  readonly after?: string
  readonly count?: boolean
}

/** The flags of every list. */
export function declarePaging(cli: Cli): void {
  cli
    .option('--limit <n>', 'rows of a page', positive, 50)
    .option('--after <cursor>', 'go on behind the page whose next this is')
    .option('--offset <n>', 'leave out so many rows', count)
    .option('--count', 'count all rows as well, which reads all of them')
}

export function pageOf({ limit, offset, after, count }: PagingOptions): Page {
  return { limit, offset, after, count }
}

/** How to see more, in words. */
export function footer(shown: number, next: string | null, total: number | undefined): string {
  const of = total === undefined ? '' : ` of ${total}`
  return next === null ? `${shown}${of} shown.` : `${shown}${of} shown. The next: --after ${next}`
}
