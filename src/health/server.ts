import { archiver } from '../catalog/archiver.ts'
import { checksumFailures, hasChecksums } from '../catalog/checksum-failures.ts'
import { type Check, finding, judgeValue, orOk } from './check.ts'

export const archiving: Check = {
  id: 'archiving',
  async run({ database }) {
    const state = await archiver(database)
    if (state.mode === 'off') return finding('ok', 'WAL is not archived.', { value: 'off' })
    if (!state.failing) return finding('ok', 'WAL is archived.', { value: 'on', evidence: [state] })
    return finding(
      'critical',
      `Archiving fails at ${state.lastFailedFile} since ${state.lastFailed}: WAL piles up, and backups end before it.`,
      { value: 'failing', fix: "See archive_command and the server's log.", evidence: [state] },
    )
  },
}

export const checksums: Check = {
  id: 'checksums',
  thresholds: { warn: null, critical: 1 },
  async run({ database }, thresholds) {
    const found = await checksumFailures(database)
    if (found.length === 0 && !(await hasChecksums(database))) {
      return finding('ok', 'Data checksums are off: damage on the disk goes unnoticed.', { value: 'off' })
    }
    return orOk(
      found.map(failed =>
        finding(
          judgeValue(failed.failures, thresholds),
          `${failed.failures} pages of ${failed.name ?? 'the shared catalogs'} did not match their checksums, the last at ${failed.last}: the disk or the memory is damaged.`,
          {
            object: failed.name,
            value: failed.failures,
            unit: 'pages',
            thresholds,
            fix: 'Save the data directory, look for the pages in the log, and restore from a backup on other hardware.',
            evidence: [failed],
          },
        ),
      ),
      'Every page that was read matched its checksum.',
    )
  },
}
