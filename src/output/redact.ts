const SECRETS: readonly (readonly [RegExp, string])[] = [
  // user:secret@ of a URL; it may itself hold an @. The word `password` is a hint's own
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s"':/?#@]*:)(?!password@)[^\s"']*@/gi, '$1…@'],
  // ?password= of a URL, and libpq's keyword
  [/\b(password=)[^\s"'&]+/gi, '$1…'],
  // ALTER ROLE … PASSWORD '…'
  [/\b(password\s+)'(?:[^']|'')*'/gi, "$1'…'"],
]

/** The text without what looks like a password: configs, servers and other sessions may have put one into it. */
export function redact(text: string): string {
  return SECRETS.reduce((cleaned, [secret, rest]) => cleaned.replace(secret, rest), text)
}
