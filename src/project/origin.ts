import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ErrorPlace } from '../errors.ts'

/** A stack's first line from a file; those of Node itself, such as `node:internal/url:806:29`, have none. */
const FRAME = /(?:\(|\bat (?:async )?)(file:\/\/\/\S+?|\/\S.*?):(\d+):(\d+)\)?$/m
const INLINE_MAP = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/

/** The line of the user's own source that threw, found through the transpiled module's source map. */
export async function thrownAt(error: unknown, file: string): Promise<ErrorPlace> {
  const frame = FRAME.exec((error as Error)?.stack ?? '')
  if (!frame?.[1]) return { file }
  const module = frame[1].startsWith('file:') ? fileURLToPath(frame[1]) : frame[1]
  const [line, column] = [Number(frame[2]), Number(frame[3])]
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
