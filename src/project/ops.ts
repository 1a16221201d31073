import type { OpsConfig } from '../config.ts'
import { OpsError } from '../errors.ts'
import { suggestion } from '../suggestion.ts'

const KEYS: Record<keyof OpsConfig, true> = {
  protected: true,
  platform: true,
  embedded: true,
  migrationUrl: true,
  environments: true,
  graph: true,
  redact: true,
  mask: true,
  cleanup: true,
  stats: true,
  health: true,
  drift: true,
  lint: true,
  seed: true,
  migrate: true,
}

/** The config's `ops` export, its keys checked. Throws OpsError `ops-unknown-key` or `ops-invalid`. */
export function readOps(exported: unknown, configFile: string): OpsConfig {
  if (exported === undefined) return {}
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported))
    throw invalid(configFile, 'is not an object')
  const names = Object.keys(KEYS)
  const unknown = Object.keys(exported).find(key => !names.includes(key))
  if (unknown !== undefined) {
    throw new OpsError({
      code: 'ops-unknown-key',
      message: `The ops export of ${configFile} has an unknown key ${unknown}.`,
      hint: suggestion(unknown, names, `The keys are ${names.join(', ')}.`),
      exit: 2,
    })
  }
  const ops: OpsConfig = exported
  if (ops.protected !== undefined && !Array.isArray(ops.protected))
    throw invalid(configFile, 'needs an array under protected')
  if (ops.environments !== undefined && typeof ops.environments !== 'object') {
    throw invalid(configFile, 'needs an object under environments')
  }
  return ops
}

function invalid(configFile: string, why: string): OpsError {
  return new OpsError({
    code: 'ops-invalid',
    message: `The ops export of ${configFile} ${why}.`,
    hint: "Wrap it in defineOps from 'drizzle-ops/config', and the editor shows what belongs there.",
    exit: 2,
  })
}
