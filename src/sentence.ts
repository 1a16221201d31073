const ENDED = /[.!?…]\)?$/

/** The text with a full stop, unless whoever wrote it has set one. */
export function sentence(text: string): string {
  const trimmed = text.trimEnd()
  return ENDED.test(trimmed) ? trimmed : `${trimmed}.`
}
