/** The names under which the schema's code declares a table. */
export interface Declaration {
  /** The variable that holds it. */
  readonly table: string
  /** Its properties by the names of the columns. */
  readonly columns: ReadonlyMap<string, string>
}

/** What is to be changed in the schema's code. */
export interface Remedy {
  readonly schema: string
  readonly table: string
  readonly column?: string | undefined
  /** The index or constraint that the code may name. */
  readonly named?: string
  change(declared: Declaration): string
}

/** The same, with its place. `file` is as seen from the config's folder. */
export interface DrizzleFix {
  readonly table: string
  readonly column: string | null
  readonly file: string
  readonly line: number
  readonly fix: string
}
