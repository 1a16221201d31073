import { describe, expect, it } from 'vitest'
import { version } from '../package.json'
import { parse } from '../src/cli.ts'
import { entries, groups } from '../src/commands/index.ts'
import { documentOf, ops } from './support/program.ts'

const usual = { format: 'table', color: 'auto', allow: [], connectTimeout: 10_000 }
/** Every command, and what it has without a flag. */
const defaults: [line: string, options: object][] = [
  ['migrate', { lockWait: 60_000, tx: 'file', lint: true }],
  ['status', {}],
  ['baseline 0002_posts', { name: '0002_posts', lockWait: 60_000 }],
  ['repair', { lockWait: 60_000 }],
  ['wait', { timeout: 60_000, stable: 1 }],
  ['health', { skip: [], failOn: 'critical', timeout: 10_000 }],
  ['stats', { report: 'overview', by: 'total', query: true, longerThan: 60_000, sample: 1000 }],
  ['stats list', {}],
  ['stats snapshot -o a.json', { output: 'a.json' }],
  ['stats diff a.json', { before: 'a.json' }],
  ['stats erd', {}],
  ['cancel 42', { pid: 42 }],
  ['lint', { files: [], level: 'error' }],
  ['drift', { failOn: 'drift' }],
  ['push', { rename: [], create: [], lockWait: 60_000 }],
  ['export projects', { table: 'projects', key: [], cross: 'error' }],
  ['project export 1', { id: ['1'], cross: 'error' }],
  ['doctor', {}],
  ['dev', { action: 'start' }],
]

const flags: [line: string, options: object][] = [
  ['migrate --lock-wait 0', { lockWait: 0 }],
  ['migrate --wait 5s', { wait: 5000 }],
  ['migrate --create-database', { createDatabase: true }],
  ['migrate --check', { check: true }],
  ['migrate --no-lint', { lint: false }],
  ['lint a.sql b.sql --level note', { files: ['a.sql', 'b.sql'], level: 'note' }],
  ['lint --since origin/main', { since: 'origin/main' }],
  ['lint --all', { all: true }],
  ['migrate --to 0002_posts --tx all', { to: '0002_posts', tx: 'all' }],
  ['status --check', { check: true }],
  ['baseline 0002_posts --dry-run --lock-wait 5s', { name: '0002_posts', dryRun: true, lockWait: 5000 }],
  ['repair --mark-applied 0002_posts', { markApplied: '0002_posts' }],
  ['repair --forget 0002_posts --dry-run', { forget: '0002_posts', dryRun: true }],
  ['repair --accept-edits --lock-wait 5s', { acceptEdits: true, lockWait: 5000 }],
  ['repair --restamp 0002_posts', { restamp: '0002_posts' }],
  ['drift --only code,history --only database', { only: ['code', 'history', 'database'] }],
  [
    'drift --shadow-url postgres://h/d --grants --fail-on unknown',
    { shadowUrl: 'postgres://h/d', grants: true, failOn: 'unknown' },
  ],
  [
    'push --dry-run --rename users.name:label --rename a:b --create users.plan',
    {
      dryRun: true,
      rename: [
        { from: 'users.name', to: 'label' },
        { from: 'a', to: 'b' },
      ],
      create: ['users.plan'],
    },
  ],
  [
    'export messages 1,a 2,b -o a.gz --exclude users,tags --depth 2 --row-limit 10 --cross skip --with-secrets',
    {
      key: ['1,a', '2,b'],
      output: 'a.gz',
      exclude: ['users', 'tags'],
      depth: 2,
      rowLimit: 10,
      cross: 'skip',
      withSecrets: true,
    },
  ],
  [
    'export messages --where true --explain --plan --why users=1',
    { where: 'true', explain: true, plan: true, why: 'users=1' },
  ],
  ['wait --timeout 1m --stable 3', { timeout: 60_000, stable: 3 }],
  ['wait --allow-missing-database', { allowMissingDatabase: true }],
  ['health --only connect,tls --only role', { only: ['connect', 'tls', 'role'] }],
  ['health --skip version', { skip: ['version'] }],
  ['health --fail-on unknown --timeout 250ms', { failOn: 'unknown', timeout: 250 }],
  [
    'stats tables --schema app,!audit --table a* --partitions',
    { report: 'tables', schema: ['app', '!audit'], table: ['a*'], partitions: true },
  ],
  ['stats tables --sort -rows --limit 5 --min-size 10MB', { sort: '-rows', limit: 5, minSize: 10_485_760 }],
  ['stats top-queries --by io --no-query', { report: 'top-queries', by: 'io', query: false }],
  ['stats tables --watch', { report: 'tables', watch: true }],
  ['stats tables --watch 0.5', { watch: 500 }],
  ['stats tables --watch 1m', { watch: 60_000 }],
  ['stats diff a.json b.json', { before: 'a.json', after: 'b.json' }],
  ['cancel 42 --terminate', { pid: 42, terminate: true }],
  ['dev stop', { action: 'stop' }],
  ['dev start --port 65535', { action: 'start', port: 65_535 }],
]

const globals: [flag: string, value: object][] = [
  ['--url postgres://h/d', { url: 'postgres://h/d' }],
  ['--url=-', { url: '-' }],
  ['--url -', { url: '-' }],
  ['--url-env STAGING_URL', { urlEnv: 'STAGING_URL' }],
  ['--config app/drizzle.config.ts', { config: 'app/drizzle.config.ts' }],
  ['--env-file a,b --env-file c', { envFile: ['a', 'b', 'c'] }],
  ['--environment staging', { environment: 'staging' }],
  ['--embedded', { embedded: true }],
  ['--json', { json: true, format: 'json' }],
  ['--format json', { format: 'json' }],
  ['--format ndjson', { format: 'ndjson' }],
  ['--format csv', { format: 'csv' }],
  ['--format=markdown', { format: 'markdown' }],
  ['--quiet', { quiet: true }],
  ['--verbose', { verbose: true }],
  ['--color never', { color: 'never' }],
  ['--yes', { yes: true }],
  ['--on app_prod', { on: 'app_prod' }],
  ['--allow late', { allow: ['late'] }],
  ['--allow late,lint --allow large', { allow: ['late', 'lint', 'large'] }],
  ['--connect-timeout 250ms', { connectTimeout: 250 }],
  ['--statement-timeout 20d', { statementTimeout: 1_728_000_000 }],
  // no more than timers and PostgreSQL hold
  ['--lock-timeout 30d', { lockTimeout: 2_147_483_647 }],
  ['--connect-timeout 400d', { connectTimeout: 2_147_483_647 }],
  ['--lock-timeout 1.5s', { lockTimeout: 1500 }],
]

describe('the flags of each command', () => {
  it.each(defaults)('%s', async (line, options) => {
    const { invocation } = await parsed(line)
    expect(invocation).toMatchObject({ name: nameIn(line), globals: usual })
    expect(invocation?.options).toEqual(options)
  })

  it.each(flags)('%s', async (line, options) => {
    const { invocation } = await parsed(line)
    expect(invocation).toMatchObject({ name: nameIn(line), options, globals: usual })
  })
})

describe('the global flags', () => {
  it.each(globals)('%s, before the command or after it', async (flag, value) => {
    for (const line of [`${flag} status`, `status ${flag}`]) {
      const { invocation } = await parsed(line)
      expect(invocation?.globals, line).toEqual({ ...usual, ...value })
      expect(invocation?.options, line).toEqual({})
    }
  })
})

describe('durations', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['250ms', 250],
    ['5s', 5000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
  ])('%s', async (text, milliseconds) => {
    const { invocation } = await parsed(`wait --timeout ${text}`)
    expect(invocation?.options).toMatchObject({ timeout: milliseconds })
  })

  it.each(['5', '-5s', '5 s', '5S', '1h30m', 's', '1e3s', '.5s', ''])('not %o', async text => {
    const { stderr, code } = await ops(['wait', '--timeout', text])
    expect(stderr).toBe(
      `error: Option '--timeout <duration>' argument '${text}' is invalid. Write a number and a unit: 250ms, 5s, 10m, 24h or 30d. [usage]
  → drizzle-ops wait --help lists what there is.
`,
    )
    expect(code).toBe(2)
  })
})

const mistakes: [line: string, message: string, help?: string][] = [
  ['', 'No command was given.'],
  ['--quiet', 'No command was given.'],
  ['migrat', "Unknown command 'migrat'. Did you mean migrate?"],
  ['nonsense', "Unknown command 'nonsense'."],
  ['help nonsense', "Unknown command 'nonsense'."],
  ['archive', 'No command was given.', 'archive '],
  ['archive inspct', "Unknown command 'inspct'. Did you mean inspect?", 'archive '],
  ['migrate --chek', "Unknown option '--chek'. Did you mean --check?", 'migrate '],
  ['--url x migrate --nonsense', "Unknown option '--nonsense'.", 'migrate '],
  ['status --qiet', "Unknown option '--qiet'. Did you mean --quiet?", 'status '],
  ['--verbos status', "Unknown option '--verbos'. Did you mean --verbose?"],
  ['-h', "Unknown option '-h'."],
  ['status extra', "Too many arguments for 'status'. Expected 0 arguments but got 1.", 'status '],
  ['status --url', "Option '--url <url>' argument missing."],
  ['wait --timeout', "Option '--timeout <duration>' argument missing.", 'wait '],
  [
    '--format yaml status',
    "Option '--format <format>' argument 'yaml' is invalid. Allowed choices are table, json, ndjson, csv, markdown.",
    'status ',
  ],
  [
    '--color blue status',
    "Option '--color <when>' argument 'blue' is invalid. Allowed choices are auto, always, never.",
  ],
  [
    'health --fail-on ok',
    "Option '--fail-on <level>' argument 'ok' is invalid. Allowed choices are warn, critical, unknown.",
    'health ',
  ],
  [
    'dev restart',
    "Command-argument value 'restart' is invalid for argument 'action'. Allowed choices are start, stop, reset.",
    'dev ',
  ],
  [
    'dev --port 65536',
    "Option '--port <port>' argument '65536' is invalid. Write a port from 1 to 65535.",
    'dev ',
  ],
  ['dev --port 0', "Option '--port <port>' argument '0' is invalid. Write a port from 1 to 65535.", 'dev '],
  ['baseline', "Missing required argument 'name'.", 'baseline '],
  [
    'migrate --tx none',
    "Option '--tx <scope>' argument 'none' is invalid. Allowed choices are file, all.",
    'migrate ',
  ],
  ['wait --stable 0', "Option '--stable <n>' argument '0' is invalid. Write a whole number from 1.", 'wait '],
  ['wait --stable 1.5', "Option '--stable <n>' argument '1.5' is invalid. Write a whole number.", 'wait '],
  [
    'user create --email ada',
    "Option '--email <address>' argument 'ada' is invalid. Write an address, as in ada@example.com.",
    'user create ',
  ],
  [
    '--allow a,,b migrate',
    "Option '--allow <risks>' argument 'a,,b' is invalid. Write words with commas between them.",
  ],
  [
    '--allow lat migrate',
    "Option '--allow <risks>' argument 'lat' is invalid. There is no risk lat; there are late, lint, data-loss, column-order, deletes-data, may-lose-data, drops-object, breaks-clients, rewrites-table, blocks-reads, needs-using, blocks-writes, scans-table, schema-drift, large, non-empty.",
  ],
]

describe('usage errors', () => {
  it.each(mistakes)('%s', async (line, message, help = '') => {
    const hint = `drizzle-ops ${help}--help lists what there is.`
    expect(await ops(words(line))).toEqual({
      stdout: '',
      stderr: `error: ${message} [usage]\n  → ${hint}\n`,
      code: 2,
    })
    const asked = await ops(['--json', ...words(line)])
    expect(asked).toMatchObject({ stderr: '', code: 2 })
    expect(documentOf(asked)).toEqual({ schemaVersion: 1, error: { code: 'usage', message, hint } })
  })
})

describe('help', () => {
  it('of the program names every command and every group of flags', async () => {
    const { stdout } = await printed('--help')
    for (const { name, summary } of entries) {
      const [word, ...group] = words(name).reverse()
      const listed = await printed([...group, '--help'].join(' '))
      expect(listed.stdout.replace(/\s+/g, ' ')).toMatch(new RegExp(`${word} (\\S+ )*${summary}`))
    }
    expect(stdout.match(/^[A-Z].*:$/gm)).toEqual([
      'Options:',
      'Connection:',
      'Output:',
      'Consent:',
      'Migrations:',
      'Database:',
      'Data:',
      'Set-up:',
      'The platform that drizzle-ops ships with:',
    ])
    const listed = stdout.slice(stdout.indexOf('Migrations:'))
    // one line for each, on 80 columns
    expect(listed.match(/^ {3,}/gm)).toBeNull()
    const firsts = [...new Set(entries.map(({ name }) => name.split(' ')[0]))]
    expect(listed.match(/^ {2}\S+/gm)?.map(word => word.trim())).toEqual(
      firsts.toSpliced(firsts.indexOf('project'), 0, 'help'),
    )
    expect(await printed('help')).toEqual({ stdout, stderr: '', code: 0 })
    expect(await printed('--help status')).toEqual({ stdout, stderr: '', code: 0 })
  })

  it.each(entries.map(({ name }) => name))('of %s is the same by both ways', async name => {
    const { stdout } = await printed(`${name} --help`)
    expect(stdout).toContain(`Usage: drizzle-ops ${name} [options]`)
    for (const [line] of flags.filter(([line]) => nameIn(line) === name)) {
      for (const flag of words(line).filter(word => word.startsWith('--')))
        expect(stdout).toContain(`${flag} `)
    }
    expect(await printed(`help ${name}`)).toEqual({ stdout, stderr: '', code: 0 })
  })

  it.each(Object.keys(groups))(
    'of %s, which is no command by itself, is the same by both ways',
    async name => {
      const { stdout } = await printed(`${name} --help`)
      expect(stdout).toContain(`Usage: drizzle-ops ${name} [options] [command]`)
      expect(await printed(`help ${name}`)).toEqual({ stdout, stderr: '', code: 0 })
    },
  )

  it('wins over everything else on the line', async () => {
    const { stdout } = await printed('status --help')
    expect((await printed('--url nonsense status --check --help')).stdout).toBe(stdout)
  })
})

it.each(['--version', 'status --version'])('%s prints the version', async line => {
  expect(await printed(line)).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 })
})

async function parsed(line: string) {
  let text = ''
  const invocation = await parse(words(line), printed => {
    text += printed
  })
  return { invocation, text }
}

async function printed(line: string) {
  const outcome = await ops(words(line))
  expect(outcome).toMatchObject({ stderr: '', code: 0 })
  return outcome
}

/** `archive inspect` is one command's name. */
function nameIn(line: string): string | undefined {
  const [first, second] = words(line)
  return entries.map(({ name }) => name).find(name => name === `${first} ${second}`) ?? first
}

function words(line: string): string[] {
  return line.split(' ').filter(word => word !== '')
}
