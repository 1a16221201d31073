import { describe, expect, it } from 'vitest'
import { defineOps } from '../../src/config.ts'
import { readOps } from '../../src/project/ops.ts'
import { thrown } from '../support/thrown.ts'

const keys =
  'protected, platform, embedded, migrationUrl, environments, graph, redact, mask, cleanup, stats, health, drift, lint, seed, migrate'

describe('the ops export', () => {
  it('may be missing', () => {
    expect(readOps(undefined, 'drizzle.config.ts')).toEqual({})
  })

  it('may have every key, with defineOps or without', () => {
    const all = Object.fromEntries(keys.split(', ').map(key => [key, undefined]))
    const ops = { ...all, protected: ['app_prod'], environments: { staging: { url: 'postgres://h/d' } } }
    expect(readOps(ops, 'drizzle.config.ts')).toBe(ops)
    expect(readOps(defineOps(ops), 'drizzle.config.ts')).toBe(ops)
  })

  it.each([
    ['protectd', 'protected'],
    ['enviroments', 'environments'],
    ['migrationsUrl', 'migrationUrl'],
    ['Embedded', 'embedded'],
  ])('cannot have %s', async (key, nearest) => {
    expect(await thrown(() => readOps({ seed: {}, [key]: true }, '/app/drizzle.config.ts'))).toMatchObject({
      code: 'ops-unknown-key',
      message: `The ops export of /app/drizzle.config.ts has an unknown key ${key}.`,
      hint: `Did you mean ${nearest}? The keys are ${keys}.`,
      exit: 2,
    })
  })

  it.each([
    [true, 'is not an object'],
    [null, 'is not an object'],
    ['staging', 'is not an object'],
    [['protected'], 'is not an object'],
    [{ protected: 'app_prod' }, 'needs an array under protected'],
    [{ environments: 'staging' }, 'needs an object under environments'],
  ])('cannot be %o', async (exported, why) => {
    expect(await thrown(() => readOps(exported, '/app/drizzle.config.ts'))).toMatchObject({
      code: 'ops-invalid',
      message: `The ops export of /app/drizzle.config.ts ${why}.`,
      hint: "Wrap it in defineOps from 'drizzle-ops/config', and the editor shows what belongs there.",
      exit: 2,
    })
  })
})
