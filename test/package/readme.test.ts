import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runScript } from '../support/spawn.ts'

it('holds what --help says', async () => {
  const check = await runScript(join(import.meta.dirname, '../../scripts/readme.js'), ['--check'])
  expect(check).toEqual({ stdout: '', stderr: '', code: 0, signal: null })
})
