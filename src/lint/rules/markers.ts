import type { Judged } from '../finding.ts'
import type { Levels } from '../levels.ts'
import { type LintScript, lineCounter, MARKER } from '../script.ts'

/** Markers within strings and comments, where drizzle cuts as well. */
export function markerProblems({ text, statements, strayMarkers }: LintScript, levels: Levels): Judged[] {
  const level = levels('statement-marker', undefined)
  if (!level) return []
  const lineAt = lineCounter(text)
  return strayMarkers.map(({ at, from }) => {
    const statement = statements.find(({ end }) => end > at)
    const start = Math.min(statement?.start ?? from, from)
    const sql = text.slice(start, statement?.end ?? at + MARKER.length)
    return {
      rule: 'statement-marker',
      level,
      message: `drizzle cuts the file wherever it reads ${MARKER}, also here within a ${text[from] === '-' || text[from] === '/' ? 'comment' : 'string'}: what stands before and behind it is sent by itself.`,
      fix: `${sql.slice(0, at - start)}${harmless(text[from] ?? '')}${sql.slice(at - start + MARKER.length)};`,
      statement,
      line: lineAt(at),
    }
  })
}

/** Text that says the same where it stands, and is no marker. */
function harmless(quote: string): string {
  if (quote === "'") return "--> ' || 'statement-breakpoint"
  return quote.toLowerCase() === 'e' ? "--> ' || E'statement-breakpoint" : '-> statement breakpoint'
}
