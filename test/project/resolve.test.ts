import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { resolveConnection } from '../../src/project/resolve.ts'
import { type ContextParts, contextWith, projectWith } from '../support/context.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { emptyProject, write } from '../support/project.ts'
import { thrown } from '../support/thrown.ts'

interface Told extends Pick<ContextParts, 'globals' | 'env' | 'stdin'> {
  readonly config?: { readonly dbCredentials: Record<string, unknown> }
  readonly ops?: object
}

const urlOf = (database: string) => `postgres://localhost/${database}`

/** The order of the design, each place naming a database of its own. */
const places: [source: string, told: Told][] = [
  ['--url', { globals: { url: urlOf('flag') } }],
  ['--url-env SOME_URL', { globals: { urlEnv: 'SOME_URL' }, env: { SOME_URL: urlOf('named') } }],
  ['DRIZZLE_OPS_URL', { env: { DRIZZLE_OPS_URL: urlOf('ours') } }],
  [
    'ops.environments.staging',
    { env: { NODE_ENV: 'staging' }, ops: { environments: { staging: { url: urlOf('staging') } } } },
  ],
  ['ops.migrationUrl', { ops: { migrationUrl: urlOf('direct') } }],
  ['dbCredentials', { config: { dbCredentials: { url: urlOf('config') } } }],
  ['DATABASE_URL', { env: { DATABASE_URL: urlOf('usual') } }],
  ['PGHOST, PGDATABASE', { env: { PGDATABASE: 'libpq' } }],
  ['embedded', { ops: { embedded: true } }],
]

describe('where the connection comes from', () => {
  it.each(places.map(([source], index) => [source, index] as const))(
    '%s counts more than all that follow',
    async (source, index) => {
      const rest = places.slice(index).map(([, told]) => told)
      expect(await resolved(together(rest))).toBe(source)
    },
  )

  it.each(places.map(([source, told]) => [source, told] as const))(
    '%s alone is enough',
    async (source, told) => {
      expect(await resolved(told)).toBe(source)
    },
  )

  it('--embedded counts more than everything', async () => {
    expect(
      await resolved(together([...places.map(([, told]) => told), { globals: { embedded: true } }])),
    ).toBe('embedded')
  })

  it('standard input stands for --url', async () => {
    const told = {
      globals: { url: '-' },
      stdin: `${urlOf('typed')}\n`,
      env: { DATABASE_URL: urlOf('usual') },
    }
    const connection = await resolveConnection(contextWith(told), undefined)
    expect(connection).toMatchObject({ target: { database: 'typed', source: '--url' } })
  })

  it('an empty place is passed over', async () => {
    const empty = {
      env: { DRIZZLE_OPS_URL: '', NODE_ENV: 'staging', DATABASE_URL: '', PGHOST: '', PGDATABASE: 'libpq' },
      config: { dbCredentials: { url: '' } },
      ops: { environments: { staging: { url: undefined } }, migrationUrl: '' },
    }
    expect(await resolved(empty)).toBe('PGHOST, PGDATABASE')
  })
})

describe('an environment', () => {
  const environments = { staging: { url: urlOf('staging') }, production: { url: undefined } }
  const env = { NODE_ENV: 'staging', DATABASE_URL: urlOf('usual') }

  it.each([
    [
      'the one that --environment names',
      { globals: { environment: 'staging' }, env: { NODE_ENV: 'test' } },
      'ops.environments.staging',
    ],
    ['that of NODE_ENV', { env }, 'ops.environments.staging'],
    ['none for another NODE_ENV', { env: { ...env, NODE_ENV: 'test' } }, 'DATABASE_URL'],
    [
      'none where NODE_ENV names one without a url',
      { env: { ...env, NODE_ENV: 'production' } },
      'DATABASE_URL',
    ],
    [
      'none beside --url, though it is unknown',
      { globals: { url: urlOf('flag'), environment: 'nope' } },
      '--url',
    ],
  ])('is %s', async (_, told, source) => {
    expect(await resolved({ ...told, ops: { environments } })).toBe(source)
  })

  it('may name env files only, but not nothing at all', async () => {
    const { root } = emptyProject()
    const asked = () =>
      ops(['doctor', '--json', '--environment', 'stagin'], {
        cwd: root,
        env: { DATABASE_URL: urlOf('usual') },
      })
    expect((await asked()).stdout).toContain(
      'Nothing speaks of an environment stagin: neither ops.environments nor a file .env.stagin.',
    )
    expect(
      await ops(['migrate', '--environment', 'stagin'], { cwd: root, env: { DATABASE_URL: urlOf('usual') } }),
    ).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: Nothing speaks of an environment stagin: neither ops.environments nor a file .env.stagin. [environment-unknown]
  → Correct --environment, or add it to ops.environments.
`,
    })
    write(join(root, '.env.stagin'), 'SOME=thing\n')
    expect((await asked()).stdout).not.toContain('Nothing speaks of')
  })
})

describe('a place that is named and says nothing', () => {
  const environments = { staging: { url: urlOf('staging') }, production: { url: undefined } }
  const emptyHint = 'See whether the variable or the secret that it comes from is set, or leave --url out.'

  it.each<[string, Told, object]>([
    [
      '--url-env MISSING',
      { globals: { urlEnv: 'MISSING' } },
      {
        code: 'url-missing',
        message: 'The environment variable MISSING, named by --url-env, is not set.',
        hint: 'Set MISSING, in the environment or in an env file, or name another variable.',
      },
    ],
    [
      '--url ""',
      { globals: { url: '' } },
      { code: 'url-missing', message: 'The --url is empty.', hint: emptyHint },
    ],
    [
      '--url - and nothing typed',
      { globals: { url: '-' }, stdin: '\n' },
      { code: 'url-missing', message: 'Standard input, named by --url -, holds no URL.', hint: emptyHint },
    ],
    [
      '--environment nope',
      { globals: { environment: 'nope' }, ops: { environments } },
      {
        code: 'environment-unknown',
        message: 'There is no environment nope under ops.environments; there are staging, production.',
        hint: 'Correct --environment, or add it to ops.environments.',
      },
    ],
    [
      '--environment production',
      { globals: { environment: 'production' }, ops: { environments } },
      {
        code: 'environment-unknown',
        message: 'ops.environments.production has no url.',
        hint: 'Set the variable that its url is read from.',
      },
    ],
  ])('%s', async (_, told, facts) => {
    const error = await thrown(() =>
      resolved({ ...told, env: { ...told.env, DATABASE_URL: urlOf('usual') } }),
    )
    expect(error).toMatchObject({ ...facts, exit: 2 })
  })
})

describe('no database at all', () => {
  const hint =
    'Set DATABASE_URL, or pass --url postgres://user:password@host:5432/database, or --embedded for a server of your own.'

  it('lists every place, and starts no server in silence', async () => {
    const { root } = emptyProject()
    const outcome = await ops(['migrate'], { cwd: root })
    expect(outcome).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: No database is configured. Looked at, in this order: --url; DRIZZLE_OPS_URL; ops.migrationUrl; dbCredentials; DATABASE_URL; PGHOST, PGDATABASE; the embedded server (off: neither --embedded nor ops.embedded is set). [url-missing]\n  → ${hint}\n`,
    })
  })

  it('lists the environment that was looked for', async () => {
    const { root } = emptyProject()
    write(join(root, '.env.staging'), '')
    const outcome = await ops(['status', '--json', '--environment', 'staging'], { cwd: root })
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      error: {
        code: 'url-missing',
        message:
          'No database is configured. Looked at, in this order: --url; DRIZZLE_OPS_URL; ops.environments.staging; ops.migrationUrl; dbCredentials; DATABASE_URL; PGHOST, PGDATABASE; the embedded server (off: neither --embedded nor ops.embedded is set).',
        hint,
      },
    })
  })
})

describe('whoever connects', () => {
  it.each([
    [{ PGUSER: 'ann', USER: 'bob' }, 'ann'],
    [{ USER: 'bob' }, 'bob'],
    [{}, 'postgres'],
  ])('%o is %s where the URL does not say', async (env, user) => {
    const connection = await resolveConnection(
      contextWith({ globals: { url: 'postgres://localhost' }, env }),
      undefined,
    )
    expect(connection).toMatchObject({ target: { user, database: user } })
  })

  it('has the password of ~/.pgpass where no place gives one', async () => {
    const home = emptyFolder()
    write(join(home, '.pgpass'), 'localhost:5432:usual:ann:hunter2\n')
    chmodSync(join(home, '.pgpass'), 0o600)
    vi.stubEnv('HOME', home)
    vi.stubEnv('PGPASSWORD', undefined)
    const env = { HOME: home, USER: 'ann', DATABASE_URL: urlOf('usual') }
    const connection = await resolveConnection(contextWith({ env }), undefined)
    vi.unstubAllEnvs()
    expect(connection.kind === 'target' && connection.target.password()).toBe('hunter2')
  })
})

async function resolved({ config, ops, ...told }: Told): Promise<string> {
  const connection = await resolveConnection(
    contextWith(told),
    projectWith({ ...(config && { config }), ...(ops && { ops }) }),
  )
  return connection.kind === 'embedded' ? 'embedded' : connection.target.source
}

function together(all: readonly Told[]): Told {
  return {
    globals: Object.assign({}, ...all.map(({ globals }) => globals)),
    env: Object.assign({}, ...all.map(({ env }) => env)),
    config: Object.assign({}, ...all.map(({ config }) => config)),
    ops: Object.assign({}, ...all.map(({ ops }) => ops)),
  }
}
