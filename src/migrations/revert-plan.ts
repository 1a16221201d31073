import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { primaryKeyName } from '../catalog/dropped-columns.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { type Derived, derive } from './derive.ts'
import { type FileStatement, statementsOf } from './derive-known.ts'
import { type Rename, renamesOf } from './derive-rename.ts'
import { readSql } from './fingerprint.ts'
import type { Migration, MigrationsFolder } from './folder.ts'
import type { HistoryRow } from './history.ts'
import type { Inspection } from './inspect.ts'
import { refuseUnknownState, unknownName } from './revert-refuse.ts'
import { readScript, type Script } from './script.ts'

/** Which migrations to revert: so many of the newest, or all that are newer than one. */
export interface RevertTarget {
  readonly steps: number
  readonly to?: string | undefined
}

/** One migration and its way back, read and ready to run. */
export interface RevertStep {
  readonly migration: Migration
  readonly row: HistoryRow
  readonly source: 'file' | 'derived'
  /** The down file, where there is one. */
  readonly file: string | undefined
  readonly text: string
  readonly script: Script
  /** What the down file does as far as it is DDL; empty for what is derived. */
  readonly statements: readonly FileStatement[]
  readonly derived: Derived | undefined
  /** What reverting it gives its old name. */
  readonly renames: readonly Rename[]
}

const BREAKPOINT = '\n--> statement-breakpoint\n'

/**
 * The migrations to revert, newest first, each with its way back. Reads only.
 * Throws OpsError: `history`, `migration-unknown` (exit 2), or `no-way-back`, naming all that have none.
 */
export async function planRevert(
  context: Context,
  database: Database,
  project: Project,
  { folder, judged }: Inspection,
  target: RevertTarget,
): Promise<RevertStep[]> {
  const chosen = chosenBy(judged, target)
  refuseUnknownState(judged, chosen)
  const withoutFile = chosen.filter(({ migration }) => !existsSync(downFile(folder, migration)))
  const derivations = await derive(
    context,
    project,
    folder,
    withoutFile.map(({ migration }) => migration),
    (schema, table) => primaryKeyName(database, schema, table),
  )
  const lost = withoutFile.flatMap(({ migration }, index) => {
    const derivation = derivations[index]
    return derivation && 'refused' in derivation ? [{ migration, why: derivation.refused }] : []
  })
  if (lost.length > 0) throw noWayBack(folder, lost)
  return chosen.map(each => {
    const derived = derivations[withoutFile.indexOf(each)]
    return stepOf(folder, each, derived && 'statements' in derived ? derived : undefined)
  })
}

/** Where the way back of a migration may be written by hand. */
export function downFile({ layout, path }: MigrationsFolder, { name, file }: Migration): string {
  return layout === 'folders' ? join(dirname(file), 'down.sql') : join(path, `${name}.down.sql`)
}

interface Chosen {
  readonly migration: Migration
  readonly row: HistoryRow
  readonly edited: boolean
}

function chosenBy(judged: Inspection['judged'], { steps, to }: RevertTarget): Chosen[] {
  const applied = judged
    .flatMap(({ migration, row, state }): Chosen[] =>
      migration && row ? [{ migration, row, edited: state.state === 'edited' }] : [],
    )
    .toReversed()
  if (to === undefined) return applied.slice(0, steps)
  const index = applied.findIndex(({ migration }) => migration.name === to)
  if (index < 0)
    throw unknownName(
      to,
      applied.map(({ migration }) => migration.name),
    )
  return applied.slice(0, index)
}

function stepOf(
  folder: MigrationsFolder,
  { migration, row }: Chosen,
  derived: Derived | undefined,
): RevertStep {
  const file = derived ? undefined : downFile(folder, migration)
  const text = file === undefined ? (derived?.statements.join(BREAKPOINT) ?? '') : readSql(file).text
  const done = statementsOf(readSql(migration.file).text).flatMap(({ actions }) => actions ?? [])
  return {
    migration,
    row,
    source: derived ? 'derived' : 'file',
    file,
    text,
    script: readScript(text),
    statements: derived ? [] : statementsOf(text),
    derived,
    renames: renamesOf(done),
  }
}

function noWayBack(
  folder: MigrationsFolder,
  lost: readonly { readonly migration: Migration; readonly why: string }[],
): OpsError {
  return new OpsError({
    code: 'no-way-back',
    message: [
      'Nothing was reverted, for no way back can be derived.',
      ...lost.map(({ migration, why }) => `${migration.name}: ${why}.`),
    ].join('\n'),
    hint: `Write the way back into ${lost.map(({ migration }) => downFile(folder, migration)).join(' and ')}.`,
  })
}
