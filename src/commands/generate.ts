import { InvalidArgumentError } from 'commander'
import type { Command } from '../command.ts'
import { type Generated, generateMigration } from '../generate/generate.ts'
import { type RenameOptions, renameOptions } from '../kit/rename-options.ts'
import type { Level } from '../lint/catalogue.ts'
import { type Block, line, type Tone, table } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'

interface GenerateOptions extends RenameOptions {
  readonly name?: string
  readonly custom?: boolean
}

const TONES: Record<Level, Tone> = { error: 'bad', warning: 'warn', note: 'dim' }

const COMMENT = /--[^\n]*/g
/** It becomes the name of a file. */
const NAME = /^[\w-]+$/

export const generate: Command<GenerateOptions, Generated> = {
  options(cli) {
    cli
      .option('--name <name>', 'the name of the migration, after its number', readName)
      .option('--custom', 'an empty file for SQL of your own')
    for (const option of renameOptions()) cli.addOption(option)
  },

  async run(context, { name, custom = false, rename, create }) {
    const project = await openProject(context)
    return generateMigration(context, project, {
      name,
      custom,
      decisions: { renames: rename, created: create },
    })
  },

  view({ status, name, files, sql, questions, findings }): Block[] {
    if (status === 'no_changes') return [line('No changes: the schema is what the migrations make.', 'good')]
    if (status === 'needs_decision') {
      return [
        table(
          [
            { key: 'kind', title: 'kind' },
            { key: 'name', title: 'new, or renamed' },
            { key: 'answers', title: 'answer with' },
          ],
          questions.flatMap(({ kind, name, answers }) =>
            answers.map(answer => ({ cells: { kind, name, answers: answer }, tone: 'warn' as const })),
          ),
        ),
        line('Nothing was written: say which are renames.', 'warn'),
      ]
    }
    const shown = findings.filter(({ level }) => level !== 'note')
    return [
      ...(sql ?? '')
        .trimEnd()
        .split('\n')
        .map(text => line(text.replaceAll('\t', '  '), 'dim')),
      table(
        [{ key: 'file', title: 'new file' }],
        files.map(file => ({ cells: { file } })),
      ),
      ...shown.map(({ level, rule, message }) => line(`${level}: ${message} [${rule}]`, TONES[level])),
      shown.length > 0
        ? line(`Generated ${name}. What to write instead: drizzle-ops lint ${files[0]}`, 'warn')
        : line(`Generated ${name}. ${nextStep(sql ?? '', files[0] ?? '')}`, 'good'),
    ]
  },

  exit: ({ status }) => (status === 'needs_decision' ? 1 : 0),
}

/** What `--custom` makes holds a comment and no statement. */
function nextStep(sql: string, file: string): string {
  const isEmpty = sql.replace(COMMENT, '').trim() === ''
  return isEmpty ? `Write its SQL into ${file}, then: drizzle-ops migrate` : 'Apply it: drizzle-ops migrate'
}

function readName(text: string): string {
  if (!NAME.test(text)) throw new InvalidArgumentError('Write letters, digits, _ and - only.')
  return text
}
