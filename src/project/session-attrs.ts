import { OpsError } from '../errors.ts'
import type { SessionAttrs } from './target.ts'

const WORDS: readonly SessionAttrs[] = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
]

/** libpq's word for the role that a server must have. Throws OpsError `url-malformed`. */
export function sessionAttrsOf(text: string | undefined, source: string): SessionAttrs {
  const word = WORDS.find(known => known === (text || 'any'))
  if (word) return word
  throw new OpsError({
    code: 'url-malformed',
    message: `The target_session_attrs from ${source} is none of ${WORDS.join(', ')}.`,
    hint: 'Write target_session_attrs=read-write, or leave it out to take any server.',
    exit: 2,
  })
}
