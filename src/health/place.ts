/** A file of the user's. */
export interface Source {
  readonly file: string
  readonly text: string
}

const SPECIAL = /[.*+?^${}()|[\]\\]/g

/**
 * The line that declares something of a table: by what it is called in the database, then as a column's property,
 * else the table itself. Undefined where no source declares the table.
 */
export function lineOf(
  sources: readonly Source[],
  { table, name }: { readonly table: string; readonly name: string },
  property: string | undefined,
  named: string | undefined,
): { file: string; line: number } | undefined {
  const declarations = sources.flatMap(source => {
    const found = new RegExp(`\\b(?:const|let|var)\\s+${escaped(table)}\\b[^=]*=`).exec(source.text)
    return found ? [{ source, start: found.index, end: endOf(source.text, found.index) }] : []
  })
  const declaration =
    declarations.find(({ source, start, end }) => source.text.slice(start, end).includes(name)) ??
    declarations[0]
  if (!declaration) return undefined
  const { source, start, end } = declaration
  const body = source.text.slice(start, end)
  const within = [
    ...(named === undefined ? [] : [body.search(new RegExp(`['"\`]${escaped(named)}['"\`]`))]),
    ...(property === undefined ? [] : [body.search(new RegExp(`\\b${escaped(property)}['"]?\\s*:`))]),
  ].find(index => index >= 0)
  return { file: source.file, line: source.text.slice(0, start + (within ?? 0)).split('\n').length }
}

const NEXT = /\n(?:export\s+)?(?:const|let|var|function|interface|type|enum)\s/g

/** Where the next declaration of the file begins. */
function endOf(text: string, start: number): number {
  NEXT.lastIndex = start
  return NEXT.exec(text)?.index ?? text.length
}

function escaped(text: string): string {
  return text.replace(SPECIAL, '\\$&')
}
