import { describe, expect, it } from 'vitest'
import { CATALOGUE, RULE_NAMES, type RuleName } from '../../src/lint/catalogue.ts'
import type { Finding } from '../../src/lint/finding.ts'
import { emptyGround, settle } from '../../src/lint/ground.ts'
import { levelsOf } from '../../src/lint/levels.ts'
import { lintScript } from '../../src/lint/lint.ts'
import { readLintScript } from '../../src/lint/script.ts'
import { replay } from '../../src/lint/statements.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { projectWith } from '../support/context.ts'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { EXAMPLES, type Example } from './examples.ts'

const parser = await loadParser()
const examples = Object.entries(EXAMPLES) as [RuleName, Example][]

/** What lint says of a file on a database that `before` has made, of which no size is known. */
function findings(
  sql: string,
  { before = '', home }: Pick<Example, 'before' | 'home'>,
  major = 14,
): Finding[] {
  const project = projectWith({ config: home ? { schemaFilter: home } : {} })
  const ground = emptyGround(project, parser, levelsOf(project), {
    major,
    searchPath: ['public'],
    rows: new Map(),
  })
  replay(readLintScript({ file: 'before.sql', text: before }, parser), ground)
  settle(ground, undefined)
  return lintScript(readLintScript({ file: 'bad.sql', text: sql }, parser), ground)
}

function fixOf(rule: RuleName, example: Example, major = 14): string {
  const [finding] = findings(example.bad, example, major).filter(each => each.rule === rule)
  return finding?.fix ?? ''
}

/** Rules that look at more than statements. */
const ELSEWHERE: readonly RuleName[] = [
  'journal-order',
  'journal-future',
  'journal-duplicate',
  'journal-file-missing',
  'file-not-in-journal',
  'snapshot-missing',
  'snapshot-fork',
  'unused-allowance',
  'allowance-invalid',
]

it('has an example of every rule', () => {
  expect(examples.map(([rule]) => rule).toSorted()).toEqual(
    RULE_NAMES.filter(rule => !ELSEWHERE.includes(rule)).toSorted(),
  )
})

it('has at least 30 rules', () => {
  expect(RULE_NAMES.length).toBeGreaterThanOrEqual(30)
})

it.each(examples)('%s finds the bad one', (rule, example) => {
  expect(findings(example.bad, example).map(finding => finding.rule)).toContain(rule)
})

it.each(examples)('%s passes the good one', (rule, example) => {
  expect(findings(example.good, example).map(finding => finding.rule)).not.toContain(rule)
})

it.each(examples.filter(([rule]) => rule !== 'not-analysed'))('%s gives SQL that passes', (rule, example) => {
  for (const major of [14, 18]) expect(findings(fixOf(rule, example, major), example, major)).toEqual([])
})

it('says what happens and why', async () => {
  const pages = examples.map(([rule, example]) => {
    const told = findings(example.bad, example).filter(finding => finding.rule === rule)
    return [
      `## ${rule}`,
      CATALOGUE[rule].summary,
      `\`\`\`sql\n${example.bad}\n\`\`\``,
      ...told.flatMap(({ level, message, fix }) => [
        `**${level}** ${message}`,
        ...(fix === null ? [] : [`\`\`\`sql\n${fix}\n\`\`\``]),
      ]),
    ].join('\n\n')
  })
  await expect(`# What lint says\n\n${pages.join('\n\n')}\n`).toMatchFileSnapshot('findings.md')
})

describe.each(majors())('on PostgreSQL %i', major => {
  const here = examples.filter(([, { since = 0 }]) => since <= major)

  it.each(here.filter(([rule]) => rule !== 'not-analysed' && rule !== 'drop-database'))(
    '%s gives SQL that runs',
    async (rule, example) => {
      const { url } = await freshDatabase(major)
      const project = journalProject([
        { name: '0000_before', sql: example.before ?? 'SELECT 1;' },
        { name: '0001_fix', sql: fixOf(rule, example, major) },
      ])
      const outcome = await ops(['migrate', '--json', '--url', url], { cwd: project.root })
      expect(documentOf(outcome)).toMatchObject({ applied: [{ name: '0000_before' }, { name: '0001_fix' }] })
    },
  )

  it.each(here.filter(([, { fails }]) => fails))('%s is against what fails', async (_rule, example) => {
    const { url } = await freshDatabase(major)
    const project = journalProject([
      { name: '0000_before', sql: example.before ?? 'SELECT 1;' },
      { name: '0001_bad', sql: example.bad },
    ])
    const outcome = await ops(['migrate', '--json', '--url', url], { cwd: project.root })
    expect(documentOf(outcome)).toMatchObject({ error: { sqlstate: example.fails } })
  })
})
