import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { failure, told, withSecret } from '../support/failures.ts'
import { deepHealth, type HealthDocument } from '../support/health.ts'
import { freePort } from '../support/port.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { emptyProject, type TestProject, write } from '../support/project.ts'

/** The two checks that the database below fails: one warns, one is critical. */
const ONLY = ['--only', 'unlogged-tables,sequence-behind']

async function spoilt(): Promise<TestDatabase> {
  const database = await freshDatabase()
  await database.sql`CREATE UNLOGGED TABLE cache (id serial PRIMARY KEY)`
  await database.sql`INSERT INTO cache (id) VALUES (5)`
  return database
}

function projectWith(ops: object, schema = ''): TestProject {
  const project = emptyProject()
  write(join(project.out, 'meta/_journal.json'), '{"version":"7","dialect":"postgresql","entries":[]}')
  write(
    join(project.root, 'drizzle.config.js'),
    `module.exports = { default: { dialect: 'postgresql', schema: './db/schema.ts' }, ops: ${JSON.stringify(ops)} }\n`,
  )
  if (schema) write(join(project.root, 'db/schema.ts'), schema)
  return project
}

describe('ops.health', () => {
  it('moves thresholds, and the document shows those that were used', async () => {
    const { url, sql } = await freshDatabase()
    await sql`CREATE TABLE users (id int PRIMARY KEY, email text)`
    await sql`CREATE INDEX a ON users (email)`
    await sql`CREATE INDEX b ON users (email)`
    const thresholds = { 'redundant-indexes': { warn: 1, critical: 8192 } }
    const { code, checks } = await deepHealth(
      url,
      ['--only', 'redundant-indexes'],
      projectWith({ health: { thresholds } }),
    )
    expect({ code, checks }).toEqual({
      code: 4,
      checks: [
        expect.objectContaining({
          status: 'critical',
          value: 8192,
          thresholds: thresholds['redundant-indexes'],
        }),
      ],
    })
  })

  it('ignores what it says, with its reason, until its day is over', async () => {
    const { url } = await spoilt()
    const ignore = [
      {
        check: 'sequence-behind',
        object: 'public.cache.id',
        reason: 'ids are made elsewhere',
        until: '2999-12-31',
      },
      { check: 'unlogged-tables', reason: 'it is a cache', until: '2026-01-31' },
      { check: 'unlogged-tables', object: 'public.gone', reason: 'was a cache' },
      { check: 'wraparound', reason: 'looked at elsewhere' },
    ]
    const project = projectWith({ health: { ignore } })
    const found = await deepHealth(url, [...ONLY, '--fail-on', 'warn'], project)
    expect(found).toMatchObject({
      code: 4,
      status: 'warn',
      ignores: [
        { ...ignore[0], state: 'used' },
        { ...ignore[1], object: null, state: 'expired' },
        { ...ignore[2], until: null, state: 'unused' },
        { ...ignore[3], object: null, until: null, state: 'not run' },
      ],
    })
    expect(found.checks.map(({ id, status, suppressed }) => ({ id, status, suppressed }))).toEqual([
      {
        id: 'sequence-behind',
        status: 'critical',
        suppressed: { by: 'ignore', reason: 'ids are made elsewhere', until: '2999-12-31' },
      },
      { id: 'unlogged-tables', status: 'warn', suppressed: null },
    ])
    const { code, stdout } = await ops(['health', ...ONLY, '--url', url], { cwd: project.root })
    expect(code).toBe(0)
    expect(stdout.replace(/in [\d.]+ms/, 'in 1ms')).toBe(
      [
        'status    check            finding',
        'critical  sequence-behind  The sequence public.cache_id_seq gives 1 next, but public.cache.id is at 5 already: INSERTs fail with a duplicate key. Ignored: ids are made elsewhere.',
        'warn      unlogged-tables  public.cache is unlogged: a crash empties it, and no standby or backup has it.',
        'unlogged-tables public.cache',
        '  → ALTER TABLE "public"."cache" SET LOGGED;',
        'ops.health ignores unlogged-tables (it is a cache) until 2026-01-31 only: that is over.',
        'ops.health ignores unlogged-tables of public.gone (was a cache), but there is nothing of the kind: take it out.',
        'warn (2 checks in 1ms)',
        '',
      ].join('\n'),
    )
  })

  it.each([
    [
      { ignores: [] },
      'ops-unknown-key',
      'ops.health names ignores, which there is not.',
      /^Did you mean ignore\?/,
    ],
    [
      { thresholds: { wraparond: { warn: 1 } } },
      'ops-unknown-key',
      'ops.health.thresholds names wraparond, which there is not.',
      /^Did you mean wraparound\? There are connect, connections, blocked-sessions, /,
    ],
    [
      { thresholds: { wraparound: { error: 1 } } },
      'ops-unknown-key',
      "ops.health.thresholds['wraparound'] names error, which there is not.",
      /There are warn, critical\.$/,
    ],
    [
      { thresholds: { wraparound: { warn: '1' } } },
      'ops-invalid',
      "ops.health.thresholds['wraparound'] needs numbers, or null for never.",
      /defineOps/,
    ],
    [
      { ignore: [{ check: 'unused-index', reason: 'x' }] },
      'ops-unknown-key',
      'ops.health.ignore names unused-index, which there is not.',
      /^Did you mean unused-indexes\?/,
    ],
    [
      { ignore: [{ check: 'unused-indexes' }] },
      'ops-invalid',
      'ops.health.ignore of unused-indexes gives no reason.',
      /defineOps/,
    ],
    [
      { ignore: [{ check: 'unused-indexes', reason: 'x', until: 'May' }] },
      'ops-invalid',
      'ops.health.ignore of unused-indexes needs a day under until, such as 2027-01-31.',
      /defineOps/,
    ],
  ])('%j is an error', async (health, code, message, hint) => {
    const { url } = await freshDatabase()
    const outcome = await ops(['health', '--json', '--url', url], { cwd: projectWith({ health }).root })
    expect({ exit: outcome.code, ...documentOf<{ error: object }>(outcome).error }).toEqual({
      exit: 2,
      code,
      message,
      hint: expect.stringMatching(hint),
    })
  })
})

describe('--baseline', () => {
  it('fails only on what is new or has become worse', async () => {
    const { url, sql } = await spoilt()
    const before = await ops(['health', ...ONLY, '--json', '--url', url])
    expect(before.code).toBe(4)
    const cwd = emptyFolder()
    write(join(cwd, 'baseline.json'), before.stdout)
    const since = async () => {
      const outcome = await ops(
        ['health', ...ONLY, '--json', '--fail-on', 'warn', '--baseline', 'baseline.json', '--url', url],
        { cwd },
      )
      const { status, checks } = documentOf<HealthDocument>(outcome)
      return {
        code: outcome.code,
        status,
        counted: checks.filter(({ suppressed }) => !suppressed).map(({ object }) => object),
      }
    }
    expect(await since()).toEqual({ code: 0, status: 'ok', counted: [] })
    await sql`CREATE UNLOGGED TABLE more (id int PRIMARY KEY)`
    expect(await since()).toEqual({ code: 4, status: 'warn', counted: ['public.more'] })

    const document = JSON.parse(before.stdout)
    for (const check of document.checks) check.status = 'warn'
    write(join(cwd, 'baseline.json'), JSON.stringify(document))
    expect(await since()).toEqual({
      code: 4,
      status: 'critical',
      counted: ['public.cache.id', 'public.more'],
    })
  })

  it.each([
    ['missing.json', 'cannot be read (ENOENT)'],
    ['text.json', 'is not what health --json writes'],
    ['other.json', 'is not what health --json writes'],
  ])('%s is refused', async (file, why) => {
    const cwd = emptyFolder()
    write(join(cwd, 'text.json'), 'healthy')
    write(join(cwd, 'other.json'), '{"checks":7}')
    const { url } = await freshDatabase()
    expect(await failure(['health', '--baseline', file, '--url', withSecret(url)], { cwd })).toEqual(
      told({
        exit: 2,
        code: 'baseline-invalid',
        message: `The baseline ${join(cwd, file)} ${why}.`,
        hint: 'Write one: drizzle-ops health --deep --json > baseline.json.',
      }),
    )
  })
})

describe('the schema in code', () => {
  const SCHEMA = `import { index, integer, pgSchema, pgTable, serial, text, timestamp } from 'drizzle-orm/pg-core'

const times = { createdAt: timestamp('created_at') }

export const users = pgTable('users', {
  id: serial('id').primaryKey(),
  name: text(),
  ...times,
})

export const posts = pgSchema('app').table(
  'posts',
  {
    id: integer('id'),
    authorId: integer('author_id').references(() => users.id),
    title: text('title'),
  },
  table => [
    index('posts_title_idx').on(table.title),
    index('posts_title_again_idx').on(table.title),
  ],
)
`

  it('is told what to change, and where', async () => {
    const { url, sql } = await freshDatabase()
    await sql`CREATE TABLE users (id serial PRIMARY KEY, name text, created_at timestamp)`
    await sql`CREATE SCHEMA app`
    await sql`CREATE TABLE app.posts (id int, author_id int REFERENCES users, title text)`
    await sql`CREATE INDEX posts_title_idx ON app.posts (title)`
    await sql`CREATE INDEX posts_title_again_idx ON app.posts (title)`
    const project = projectWith({}, SCHEMA)
    write(
      join(project.root, 'node_modules/drizzle-orm/package.json'),
      '{"name":"drizzle-orm","type":"module","exports":{"./pg-core":"./pg-core.js"}}',
    )
    write(
      join(project.root, 'node_modules/drizzle-orm/pg-core.js'),
      `export * from ${JSON.stringify(import.meta.resolve('drizzle-orm/pg-core'))}\n`,
    )
    const only = ['--only', 'integer-keys,foreign-key-indexes,redundant-indexes,primary-keys']
    const { checks } = await deepHealth(url, only, project)
    expect(checks.map(({ drizzle }) => drizzle)).toEqual([
      {
        table: 'users',
        column: 'id',
        file: 'db/schema.ts',
        line: 6,
        fix: "Declare id as bigint({ mode: 'number' }) or bigserial, then generate a migration.",
      },
      {
        table: 'posts',
        column: 'authorId',
        file: 'db/schema.ts',
        line: 15,
        fix: "index('posts_author_id_idx').on(table.authorId)",
      },
      {
        table: 'posts',
        column: null,
        file: 'db/schema.ts',
        line: 20,
        fix: 'Remove posts_title_again_idx here as well, or the next push or migration brings it back.',
      },
      {
        table: 'posts',
        column: null,
        file: 'db/schema.ts',
        line: 11,
        fix: 'Add .primaryKey() to a column, or primaryKey({ columns: [table.…] }) to the table.',
      },
    ])
    const { stdout } = await ops(['health', ...only, '--url', url], { cwd: project.root })
    expect(stdout).toContain(
      '\nprimary-keys app.posts\n  → ALTER TABLE "app"."posts" ADD PRIMARY KEY (…);\n  → db/schema.ts:11  Add .primaryKey() to a column',
    )
  })

  it('is found through globs, monorepos and casing', async () => {
    const { url } = await freshDatabase()
    const root = join(import.meta.dirname, '../fixtures/projects/backend-template/apps/api')
    expect(await ops(['migrate', '--url', url], { cwd: root })).toMatchObject({ code: 0 })
    const { checks } = await deepHealth(url, ['--only', 'foreign-key-indexes'], { root, out: '' })
    expect(checks.map(({ drizzle }) => drizzle)).toEqual([
      {
        table: 'orders',
        column: 'userId',
        file: '../../packages/db/src/schema/orders.ts',
        line: 6,
        fix: "index('orders_user_id_idx').on(table.userId)",
      },
      {
        table: 'sessions',
        column: 'userId',
        file: '../../packages/db/src/schema/auth/sessions.ts',
        line: 7,
        fix: "index('sessions_user_id_idx').on(table.userId)",
      },
    ])
  })

  it.each([
    ['that cannot be loaded', 'throw new Error("no")'],
    ['that is not there', ''],
    ['that declares nothing of the kind', 'export const nothing = 1'],
  ])('%s is no error', async (_, schema) => {
    const { url, sql } = await freshDatabase()
    await sql`CREATE TABLE log (line text)`
    const { checks } = await deepHealth(url, ['--only', 'primary-keys'], projectWith({}, schema))
    expect(checks).toEqual([expect.objectContaining({ status: 'warn', drizzle: null })])
  })
})

describe('--timeout', () => {
  it('tells what was not finished', async () => {
    const { url } = await freshDatabase()
    const { code, status, checks } = await deepHealth(url, ['--timeout', '0'])
    expect({ code, status, unfinished: checks.filter(({ status }) => status === 'unknown').length }).toEqual({
      code: 0,
      status: 'unknown',
      unfinished: 31,
    })
  })

  it('bounds all checks together, and a lock that cannot be had bounds one', async () => {
    const { url, sql } = await freshDatabase()
    const holder = connect(url, 1)
    afterTest(() => holder.end({ timeout: 0 }))
    await holder.unsafe('BEGIN; LOCK TABLE pg_catalog.pg_sequence IN ACCESS EXCLUSIVE MODE')
    await sql`SELECT 1`
    const only = ['--only', 'role,wraparound,sequence-exhaustion,primary-keys,unlogged-tables']
    const told = async (...flags: string[]) => {
      const { checks } = await deepHealth(url, [...only, ...flags])
      return checks.map(({ id, status, message }) => `${id} ${status}: ${message}`)
    }
    const [role, wraparound] = ['role ok: ', 'wraparound ok: '].map(start =>
      expect.stringMatching(new RegExp(`^${start}`)),
    )
    expect(await told()).toEqual([
      role,
      wraparound,
      'sequence-exhaustion unknown: Could not be seen: A lock could not be had in time: canceling statement due to lock timeout.',
      'primary-keys ok: Every table has a primary key.',
      'unlogged-tables ok: No table is unlogged.',
    ])
    const started = performance.now()
    expect(await told('--timeout', '700ms', '--lock-timeout', '60s')).toEqual([
      role,
      wraparound,
      expect.stringMatching(/^sequence-exhaustion unknown: Could not be seen: .*statement timeout/),
      'primary-keys unknown: Not looked at: the checks took longer than 0.7s.',
      'unlogged-tables unknown: Not looked at: the checks took longer than 0.7s.',
    ])
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

it('is ended by Ctrl-C, whatever it waits for', async () => {
  const { url, sql } = await freshDatabase()
  const holder = connect(url, 1)
  afterTest(() => holder.end({ timeout: 0 }))
  await holder.unsafe('BEGIN; LOCK TABLE pg_catalog.pg_sequence IN ACCESS EXCLUSIVE MODE')
  const only = ['--only', 'sequence-exhaustion,primary-keys', '--lock-timeout', '60s', '--timeout', '60s']
  const outcome = await ops(['health', '--json', ...only, '--url', url], {
    interrupt: {
      signal: 'SIGINT',
      after: () =>
        expect
          .poll(() => sql`SELECT FROM pg_locks WHERE NOT granted AND relation = 'pg_sequence'::regclass`)
          .toHaveLength(1),
    },
  })
  expect({ code: outcome.code, error: documentOf<{ error: { code: string } }>(outcome).error.code }).toEqual({
    code: 130,
    error: 'interrupted',
  })
})

describe('--nagios', () => {
  it('prints one line with figures, and exits as plugins do', async () => {
    const { url } = await spoilt()
    const line = async (...flags: string[]) => {
      const { code, stdout, stderr } = await ops(['health', '--nagios', ...flags, '--url', url])
      expect(stderr).toBe('')
      return { code, stdout }
    }
    expect(await line('--only', 'tls,role')).toEqual({ code: 0, stdout: 'DRIZZLE-OPS OK - 2 checks\n' })
    expect(await line('--only', 'unlogged-tables')).toEqual({
      code: 1,
      stdout:
        'DRIZZLE-OPS WARNING - unlogged-tables: public.cache is unlogged: a crash empties it, and no standby or backup has it.\n',
    })
    const both = await line(...ONLY)
    expect(both.code).toBe(2)
    expect(both.stdout).toMatch(/^DRIZZLE-OPS CRITICAL - sequence-behind: .* unlogged-tables: .*\n$/)
    expect(await line('--only', 'role', '--timeout', '0')).toEqual({
      code: 3,
      stdout: 'DRIZZLE-OPS UNKNOWN - role: Not looked at: the checks took longer than 0s.\n',
    })
    const figures = await line('--only', 'connect,connections,xmin-horizon')
    expect(figures.stdout).toMatch(
      /^DRIZZLE-OPS OK - 3 checks \| 'connect'=[\d.]+ms;250;1000 'connections'=0\.\d+;0\.8;0\.95( 'xmin-horizon'=\d+;1000000;100000000)?\n$/,
    )
  })

  it('is critical where the server cannot be reached, and unknown where nothing can be asked', async () => {
    const port = await freePort()
    expect(await ops(['health', '--nagios', '--url', `postgres://app@127.0.0.1:${port}/app`])).toEqual({
      code: 2,
      stdout: `DRIZZLE-OPS CRITICAL - connect: Nothing listens at 127.0.0.1:${port}.\n`,
      stderr: '',
    })
    const outcome = await ops(['health', '--nagios', '--url', 'mysql://app@localhost/app'])
    expect(outcome).toMatchObject({ code: 3, stderr: '' })
    expect(outcome.stdout).toMatch(/^DRIZZLE-OPS UNKNOWN - connect: /)
  })
})

describe('--format', () => {
  const nasty = 'a<b>&"c\'d\\e\nf\u0007'

  async function nastyDatabase(): Promise<TestDatabase> {
    const database = await spoilt()
    await database.sql`CREATE UNLOGGED TABLE ${database.sql(nasty)} (id int PRIMARY KEY)`
    return database
  }

  it('junit is well-formed XML', async () => {
    const { url } = await nastyDatabase()
    const { code, stdout } = await ops([
      'health',
      '--only',
      'role,unused-indexes,unlogged-tables,sequence-behind',
      '--format',
      'junit',
      '--url',
      url,
    ])
    expect(code).toBe(4)
    const time = /time="\d+\.\d{3}"/g
    const counts = 'tests="5" failures="1" errors="0" skipped="1" time="0.000"'
    const message =
      'The sequence public.cache_id_seq gives 1 next, but public.cache.id is at 5 already: INSERTs fail with a duplicate key.'
    expect(stdout.replace(time, 'time="0.000"').replace(/Too early.*?"/, 'Too early"')).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="drizzle-ops" ${counts}>`,
        `  <testsuite name="health" ${counts}>`,
        '    <testcase classname="health.role" name="role"/>',
        '    <testcase classname="health.sequence-behind" name="sequence-behind public.cache.id">',
        `      <failure type="critical" message="${message}">SELECT setval(&apos;&quot;public&quot;.&quot;cache_id_seq&quot;&apos;, (SELECT max(&quot;id&quot;) FROM &quot;public&quot;.&quot;cache&quot;));</failure>`,
        '    </testcase>',
        '    <testcase classname="health.unused-indexes" name="unused-indexes">',
        '      <skipped message="Too early"/>',
        '    </testcase>',
        '    <testcase classname="health.unlogged-tables" name="unlogged-tables public.a&lt;b&gt;&amp;&quot;c&apos;d\\e\nf\ufffd"/>',
        '    <testcase classname="health.unlogged-tables" name="unlogged-tables public.cache"/>',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    )
    expectWellFormed(stdout)
  })

  it('prometheus is valid exposition format', async () => {
    const { url } = await nastyDatabase()
    const { stdout } = await ops(['health', ...ONLY, '--format', 'prometheus', '--url', url])
    expect(stdout.replace(/(duration_seconds) [\d.]+/, '$1 0.1')).toBe(
      [
        '# HELP drizzle_ops_health_status The verdict: 0 ok, 1 warn, 2 critical, 3 unknown.',
        '# TYPE drizzle_ops_health_status gauge',
        'drizzle_ops_health_status 2',
        '# HELP drizzle_ops_health_check_status The verdict of each check.',
        '# TYPE drizzle_ops_health_check_status gauge',
        'drizzle_ops_health_check_status{check="sequence-behind"} 2',
        'drizzle_ops_health_check_status{check="unlogged-tables"} 1',
        '# HELP drizzle_ops_health_finding What is not healthy, by object.',
        '# TYPE drizzle_ops_health_finding gauge',
        'drizzle_ops_health_finding{check="sequence-behind",object="public.cache.id",status="critical"} 1',
        'drizzle_ops_health_finding{check="unlogged-tables",object="public.a<b>&\\"c\'d\\\\e\\nf\u0007",status="warn"} 1',
        'drizzle_ops_health_finding{check="unlogged-tables",object="public.cache",status="warn"} 1',
        '# HELP drizzle_ops_health_duration_seconds How long the checks took.',
        '# TYPE drizzle_ops_health_duration_seconds gauge',
        'drizzle_ops_health_duration_seconds 0.1',
        '',
      ].join('\n'),
    )
    const all = await ops(['health', '--deep', '--format', 'prometheus', '--url', url])
    expectExposition(all.stdout)
    expect(all.stdout).toMatch(/^drizzle_ops_health_value\{check="connect",object="",unit="ms"\} [\d.]+$/m)
  })
})

/** Tags that open and close each other, attributes in quotes, entities and no other `&` or `<`. */
function expectWellFormed(text: string): void {
  const open: string[] = []
  const rest = text
    .replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
    .replace(
      /<(\/?)([a-z]+)((?:\s+[a-z]+="(?:[^<&"]|&(?:lt|gt|amp|quot|apos);)*")*)\s*(\/?)>/g,
      (_, end, name, _attributes, empty) => {
        if (end) expect(open.pop()).toBe(name)
        else if (!empty) open.push(name)
        return ''
      },
    )
  expect(open).toEqual([])
  expect(rest.replace(/&(?:lt|gt|amp|quot|apos);/g, '')).not.toMatch(
    /[<&\u0000-\u0008\u000b\u000c\u000e-\u001f]/,
  )
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
function expectExposition(text: string): void {
  expect(text.endsWith('\n')).toBe(true)
  const series = new Set<string>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE ([a-z_]+) gauge$/.exec(line)
    if (type) current = type[1] ?? ''
    if (line.startsWith('#')) {
      expect(line).toMatch(/^# (HELP [a-z_]+ \S.*|TYPE [a-z_]+ gauge)$/)
      continue
    }
    const sample =
      /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(line)
    expect(sample, line).not.toBeNull()
    expect(sample?.[1]).toBe(current)
    const name = `${sample?.[1]}${sample?.[2] ?? ''}`
    expect(series.has(name), name).toBe(false)
    series.add(name)
  }
}
