import type { Level, RuleName } from './catalogue.ts'
import type { FileStatement } from './script.ts'

/** One thing that a rule has to say of a file. */
export interface Finding {
  readonly rule: RuleName
  readonly level: Level
  readonly file: string
  /** Counts from 1. */
  readonly line: number
  /** As failures count statements; null where it is about the file. */
  readonly statement: number | null
  readonly sql: string | null
  /** What happens and why. */
  readonly message: string
  /** SQL to put in the statement's place, or a command; null where there is nothing to type. */
  readonly fix: string | null
}

/** A finding with the statement that it is about. */
export interface Judged extends Pick<Finding, 'rule' | 'level' | 'line' | 'message' | 'fix'> {
  readonly statement: FileStatement | undefined
}
