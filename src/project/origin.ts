import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ErrorPlace } from '../errors.ts'

/** A stack's lines from files; those of Node itself, such as `node:internal/url:806:29`, have none. */
const FRAMES = /(?:\(|\bat (?:async )?)(file:\/\/\/\S+?|\/\S.*?):(\d+):(\d+)\)?$/gm
/** Of what cannot be linked, Node tells the line above the message. */
const HEADING = /^(file:\/\/\/\S+|\/.+):(\d+)\n/
const INLINE_MAP = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/
const OURSELVES = dirname(fileURLToPath(import.meta.url))

/** The line of the user's own source that threw, found through the transpiled module's source map. */
export async function thrownAt(error: unknown, file: string): Promise<ErrorPlace> {
  const frame = frameOfTheUser(error) ?? HEADING.exec(stackOf(error))
  if (!frame) return { file }
  const [line, column] = [Number(frame[2]), Number(frame[3] ?? 1)]
  const module = pathOf(frame)
  const text = await readFile(module, 'utf8').catch(() => '')
  const map = INLINE_MAP.exec(text)?.[1]
  if (map === undefined) return { file: module, line, column }
  const entry = new SourceMap(JSON.parse(Buffer.from(map, 'base64').toString())).findEntry(
    line - 1,
    column - 1,
  )
  if (!('originalSource' in entry)) return { file }
  return {
    file: resolve(dirname(file), entry.originalSource),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  }
}

/** Whether a line of the user's own was running: otherwise Node could not even link the modules. */
export function hasRun(error: unknown): boolean {
  return frameOfTheUser(error) !== undefined
}

/** Not a line of a package's, which throws for whoever calls it, and none from our own on: what calls us is ours. */
function frameOfTheUser(error: unknown): RegExpExecArray | undefined {
  for (const frame of stackOf(error).matchAll(FRAMES)) {
    const path = pathOf(frame)
    if (dirname(path) === OURSELVES) return undefined
    if (!path.includes('/node_modules/')) return frame
  }
  return undefined
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : ''
}

function pathOf([, module = '']: RegExpExecArray): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module
}
