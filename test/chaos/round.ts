import type { Arena, Server } from './arena.ts'
import { inArena } from './arena.ts'
import type { Violation } from './judge.ts'
import type { Migration } from './migrations.ts'
import { type Picture, pictureOf } from './picture.ts'
import { makeProject, type Project } from './project.ts'
import type { Random } from './random.ts'
import type { Tool } from './tools.ts'

/** What a fault is played with, once. */
export interface Round {
  readonly tool: Tool
  readonly server: Server
  readonly arena: Arena
  readonly random: Random
  /** A project of its own. */
  project(migrations: readonly Migration[]): Project
  /** What the tool leaves of these migrations where nothing disturbs it. */
  undisturbed(migrations: readonly Migration[]): Promise<Picture>
}

/** Plays a fault once and tells what was violated. */
export type Play = (round: Round) => Promise<readonly Violation[]>

/** The folder of all projects, and the undisturbed pictures that were taken so far. */
export interface Studio {
  readonly folder: string
  readonly pictures: Map<string, Promise<Picture>>
}

export async function playRound(
  studio: Studio,
  server: Server,
  tool: Tool,
  random: Random,
  play: Play,
): Promise<readonly Violation[]> {
  const project = (migrations: readonly Migration[]) => {
    const made = makeProject(studio.folder, tool.text)
    made.write(migrations)
    return made
  }
  const undisturbed = (migrations: readonly Migration[]) => {
    const key = JSON.stringify([server.major, tool.name, migrations])
    const known = studio.pictures.get(key) ?? inArena(server, arena => take(tool, arena, project(migrations)))
    studio.pictures.set(key, known)
    return known
  }
  return inArena(server, arena => play({ tool, server, arena, random, project, undisturbed }))
}

async function take(tool: Tool, arena: Arena, project: Project): Promise<Picture> {
  const { code, stdout, stderr } = await tool.migrate(project, arena.url()).ended
  if (code !== 0) throw new Error(`${tool.name} fails without any fault:\n${stdout}\n${stderr}`)
  return pictureOf(arena)
}
