/** What an operation tells while it works. Goes to stderr; never part of the result. */
export interface Report {
  /** Something worth knowing, once. */
  note(text: string): void
  /** A danger that does not stop the work. */
  warn(text: string): void
  /** What is going on now: a spinner on a terminal, a line elsewhere only where `text` starts a long step. */
  progress(text: string): void
  /** What the server remarked; `--verbose` shows it. */
  notice(text: string): void
  /** A statement that was sent and how long it took; `--verbose` shows it. Values are never part of it. */
  sql(text: string, ms: number): void
}
