import type { Level } from './catalogue.ts'
import type { Finding } from './finding.ts'

const WORDS: Record<Level, string> = { error: 'error', warning: 'warning', note: 'notice' }

/**
 * Annotations in the diff of a pull request:
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
 */
export function githubAnnotations(findings: readonly Finding[]): string {
  return findings
    .map(({ rule, level, file, line, message, fix }) => {
      const place = `file=${property(file)},line=${line},title=${property(`drizzle-ops ${rule}`)}`
      return `::${WORDS[level]} ${place}::${data(fix === null ? message : `${message}\n\n${fix}`)}\n`
    })
    .join('')
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
