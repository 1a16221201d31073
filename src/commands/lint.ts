import { Option } from 'commander'
import type { Command } from '../command.ts'
import { LEVELS, type Level } from '../lint/catalogue.ts'
import type { Finding } from '../lint/finding.ts'
import { githubAnnotations } from '../lint/github.ts'
import { isAtLeast } from '../lint/levels.ts'
import { type LintOutcome, lint as look } from '../lint/run.ts'
import { sarif } from '../lint/sarif.ts'
import { type Block, line, type Tone, table } from '../output/blocks.ts'
import { findProject } from '../project/project.ts'
import { loadParser } from '../sql/parse.ts'

interface LintOptions {
  readonly files: readonly string[]
  readonly level: Level
  readonly since?: string
  readonly all?: boolean
}

interface LintResult extends LintOutcome {
  readonly level: Level
}

const TONES: Record<Level, Tone> = { error: 'bad', warning: 'warn', note: 'dim' }

export const lint: Command<LintOptions, LintResult> = {
  options(cli) {
    cli
      .argument('[files...]', 'SQL files; without any, the migrations that are pending')
      .addOption(new Option('--level <level>', 'exit 4 from this level on').choices(LEVELS).default('error'))
      .addOption(
        new Option('--since <ref>', 'the migrations that a git branch has added or changed').conflicts('all'),
      )
      .option('--all', 'every migration')
  },

  async run(context, { files, level, since, all }) {
    const parsing = loadParser()
    // told where it is waited for
    parsing.catch(() => {})
    const project = await findProject(context)
    return { ...(await look(context, project, { files, since, all }, parsing)), level }
  },

  view: ({ files, findings, sizes, level }) => {
    const shown = findings.filter(each => each.level !== 'note' || level === 'note')
    return [
      table(
        [
          { key: 'level', title: 'level' },
          { key: 'rule', title: 'rule' },
          { key: 'place', title: 'where' },
          { key: 'message', title: 'what happens' },
        ],
        shown.map(finding => ({
          cells: { ...finding, place: placeOf(finding) },
          tone: TONES[finding.level],
        })),
      ),
      ...shown.flatMap(fixLines),
      summary(files.length, findings, sizes, level),
    ]
  },

  formats: {
    sarif: ({ findings }) => sarif(findings),
    github: ({ findings }) => githubAnnotations(findings),
  },

  outputs: ({ findings = [] }) => ({
    errors: countOf(findings, 'error'),
    warnings: countOf(findings, 'warning'),
    notes: countOf(findings, 'note'),
  }),

  exit: ({ findings, level }) => (findings.some(finding => isAtLeast(finding.level, level)) ? 4 : 0),
}

function placeOf({ file, line: at }: Finding): string {
  return `${file}:${at}`
}

function fixLines(finding: Finding): Block[] {
  if (finding.fix === null) return []
  return [
    line(`${placeOf(finding)} ${finding.rule}, instead:`, 'strong'),
    ...finding.fix.split('\n').map(text => line(`  ${text.replaceAll('\t', '  ')}`)),
  ]
}

function summary(
  files: number,
  findings: readonly Finding[],
  sizes: LintOutcome['sizes'],
  level: Level,
): Block {
  const counts = LEVELS.toReversed()
    .map(each => ({ each, count: countOf(findings, each) }))
    .filter(({ count }) => count > 0)
    .map(({ each, count }) => `${count} ${each}${count === 1 ? '' : 's'}`)
  const what = `${files} ${files === 1 ? 'file' : 'files'}: ${counts.join(', ') || 'nothing to say'}.`
  const hidden = level !== 'note' && countOf(findings, 'note') > 0 ? ' --level note shows the notes.' : ''
  const blind =
    sizes === 'unknown' && findings.length > 0
      ? ' The sizes of tables are not known: no database was asked.'
      : ''
  const isBad = findings.some(finding => isAtLeast(finding.level, level))
  return line(`${what}${hidden}${blind}`, isBad ? 'bad' : 'good')
}

function countOf(findings: readonly Finding[], level: Level): number {
  return findings.filter(finding => finding.level === level).length
}
