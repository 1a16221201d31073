const ASCII = /^[\x20-\x7e]*$/

/**
 * How many columns a text takes on a terminal. string-width takes 24 ms to load, a third of a whole `status`,
 * and is needed for what is not ASCII only.
 */
export async function measureFor(texts: readonly string[]): Promise<(text: string) => number> {
  if (texts.every(text => ASCII.test(text))) return text => text.length
  return (await import('string-width')).default
}
