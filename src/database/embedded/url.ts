import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivately } from './files.ts'
import type { Home } from './home.ts'

/** The port of the last time, if there was one. */
export async function readLastPort(home: Home): Promise<number | undefined> {
  const url = await readUrl(home)
  return URL.canParse(url) ? Number(new URL(url).port) : undefined
}

/** Keeps the URL with its password in the home, for people and their tools. */
export async function keepUrl(home: Home, url: string): Promise<void> {
  if ((await readUrl(home)) !== url) await writePrivately(fileOf(home), `${url}\n`, home.user)
}

async function readUrl(home: Home): Promise<string> {
  const text = await readFile(fileOf(home), 'utf8').catch(() => '')
  return text.trim()
}

function fileOf(home: Home): string {
  return join(home.directory, 'url')
}
