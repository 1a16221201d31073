/** The last day of fixes for each major version: https://www.postgresql.org/support/versioning/ as of 2026-11. */
const LIVES: Readonly<Record<number, { readonly end: string }>> = {
  14: { end: '2026-11-12' },
  15: { end: '2027-11-11' },
  16: { end: '2028-11-09' },
  17: { end: '2029-11-08' },
  18: { end: '2030-11-14' },
}

export function lifeOf(major: number): { readonly end: string } | undefined {
  return LIVES[major]
}
