import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { documentOf, emptyFolder } from './program.ts'
import { write } from './project.ts'
import { type RunOptions, run } from './spawn.ts'

/** Path to text; a text that begins with `→ ` is where a link leads. */
export type Files = Readonly<Record<string, string>>

interface Document {
  readonly facts: readonly { readonly name: string; readonly value: string; readonly source: string }[]
  readonly problems: readonly string[]
}

/** A folder with these files, and a package.json unless they bring one. */
export function folderOf(files: Files): string {
  const root = emptyFolder()
  for (const [path, text] of Object.entries({ 'package.json': '{}', ...files })) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    if (text.startsWith('→ ')) symlinkSync(text.slice(2), file)
    else write(file, text)
  }
  return root
}

/** What the built program, a process of its own, reads from a project's config: the table that it names, and its ops. */
export async function readConfig(cwd: string, options: RunOptions = {}) {
  const finished = await run(['doctor', '--json'], { cwd, ...options })
  const { facts, problems } = documentOf<Document>(finished)
  const value = (name: string) => facts.find(fact => fact.name === name)?.value
  return {
    table: value('migrations table')?.replace('drizzle.', ''),
    ops: value('ops'),
    problems,
    ...finished,
  }
}

/** How it fails where the config cannot be read. */
export async function failToRead(cwd: string, options: RunOptions = {}) {
  const finished = await run(['status', '--json'], { cwd, ...options })
  return { error: documentOf<{ error?: object }>(finished).error, ...finished }
}
