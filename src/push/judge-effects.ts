import type { TableRef } from '../catalog/row-counts.ts'
import type { Analysis } from '../sql/analyse.ts'
import type { Judging } from './judging.ts'

/** What it does to others matters where there are rows to work on. */
export async function judgeEffects(judging: Judging, { effects }: Analysis): Promise<void> {
  const { rewrites, scans, locks, tables } = effects
  for (const { relation } of tables) {
    const isRewritten = rewrites.includes(relation)
    if (!isRewritten && !scans.includes(relation)) continue
    const rows = await judging.counted.rows(refOf(relation))
    if (rows === 0) continue
    judging.tables.set(withoutPublic(relation), rows)
    const modes = locks.filter(lock => lock.relation === relation).map(({ mode }) => mode)
    judging.hazards.add(isRewritten ? 'rewrites-table' : 'scans-table')
    if (modes.includes('AccessExclusiveLock')) judging.hazards.add('blocks-reads')
    else if (modes.some(mode => BLOCK_WRITES.includes(mode))) judging.hazards.add('blocks-writes')
  }
}

const BLOCK_WRITES = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock']
const NAME = /"((?:[^"]|"")+)"|([^.]+)/g

/** Analysis writes names as SQL does. */
export function refOf(relation: string): TableRef {
  const [schema = '', table = ''] = [...relation.matchAll(NAME)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
  return { schema, table }
}

const PUBLIC = /^public\./

function withoutPublic(relation: string): string {
  return relation.replace(PUBLIC, '')
}
