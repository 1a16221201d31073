import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadEnvFiles } from '../../src/project/environment.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { thrown } from '../support/thrown.ts'

let root: string
let cwd: string

beforeEach(() => {
  root = emptyFolder()
  cwd = join(root, 'inner')
  write(join(cwd, 'package.json'), '{}')
})

describe('the order of env files', () => {
  // each sets WHO, so that the first file wins, and a variable of its own
  const order = [
    'inner/extra',
    '.env.production.local',
    '.env.local',
    '.env.production',
    '.env',
    'inner/.env.production.local',
    'inner/.env.local',
    'inner/.env.production',
    'inner/.env',
  ]

  it.each(order.map((name, index) => [name, order.slice(index)]))(
    '%s counts more than what follows',
    (_, names) => {
      names.forEach((name, index) => {
        write(join(root, name), `WHO=${name}\nOWN_${index}=x\n`)
      })
      const named = names.includes('inner/extra') ? ['extra'] : []
      const env: NodeJS.ProcessEnv = {}
      expect(loadEnvFiles(env, { cwd, root, named, environment: 'production' })).toEqual(
        names.map((name, index) => ({
          file: join(root, name),
          variables: index === 0 ? ['WHO', 'OWN_0'] : [`OWN_${index}`],
        })),
      )
      expect(env.WHO).toBe(names[0])
    },
  )
})

it('reads those of an environment only in it', () => {
  for (const name of ['.env', '.env.local', '.env.test', '.env.test.local']) write(join(root, name), 'A=1')
  const files = (environment: string | undefined) =>
    loadEnvFiles({}, { cwd: root, root, named: [], environment }).map(({ file }) =>
      file.slice(root.length + 1),
    )
  expect(files(undefined)).toEqual(['.env.local', '.env'])
  expect(files('production')).toEqual(['.env.local', '.env'])
  expect(files('test')).toEqual(['.env.test.local', '.env.local', '.env.test', '.env'])
})

it('never overrides the real environment, not even a variable that is empty', () => {
  write(join(root, '.env'), 'SET=file\nEMPTY=file\nNEW="two words"\n')
  const env = { SET: 'real', EMPTY: '' }
  expect(loadEnvFiles(env, { cwd: root, root, named: [], environment: undefined })).toEqual([
    { file: join(root, '.env'), variables: ['NEW'] },
  ])
  expect(env).toEqual({ SET: 'real', EMPTY: '', NEW: 'two words' })
})

it('passes over a folder .env, as Python has them', () => {
  write(join(root, '.env/bin/activate'), '')
  expect(loadEnvFiles({}, { cwd: root, root, named: [], environment: undefined })).toEqual([])
})

describe('an --env-file', () => {
  it.each([
    [
      'nowhere.env',
      'env-file-missing',
      (file: string) => `There is no env file ${file}.`,
      'Correct --env-file, or leave it out: .env.local and .env beside the config are read by themselves.',
    ],
    [
      '.',
      'env-file-unreadable',
      (file: string) => `The env file ${file} cannot be read (EISDIR).`,
      'Let this user read it, or remove it: to go on without might be to go on with another database.',
    ],
  ])('%s: %s', async (name, code, message, hint) => {
    const error = await thrown(() => loadEnvFiles({}, { cwd, root, named: [name], environment: undefined }))
    expect(error).toMatchObject({ code, message: message(join(cwd, name)), hint, exit: 2 })
  })
})
