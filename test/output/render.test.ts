import { describe, expect, it } from 'vitest'
import { type Block, line, table } from '../../src/output/blocks.ts'
import { FORMATS, type Format } from '../../src/output/formats.ts'
import { render } from '../../src/output/render.ts'

const columns = [
  { key: 'name', title: 'table' },
  { key: 'size', title: 'size', unit: 'bytes' },
  { key: 'note', title: 'note' },
] as const

const sizes = table(columns, [
  { cells: { name: 'users', size: 1536, note: null, unseen: 1 }, tone: 'good' },
  { cells: { name: 'audit_log', size: 3_221_225_472, note: 'grows' }, tone: 'bad' },
])
const blocks = [sizes, line('2 tables', 'warn')]
const document = { schemaVersion: 1, rows: [{ name: 'users', size: 1536 }] }

const pipe = { colour: false, width: undefined }

const texts: Record<Format, string> = {
  table: `table      size     note
users      1.5 KiB
audit_log  3.0 GiB  grows
2 tables
`,
  json: `{
  "schemaVersion": 1,
  "rows": [
    {
      "name": "users",
      "size": 1536
    }
  ]
}
`,
  ndjson: `{"name":"users","size":1536,"note":null,"unseen":1}
{"name":"audit_log","size":3221225472,"note":"grows"}
`,
  csv: 'name,size,note\r\nusers,1536,\r\naudit_log,3221225472,grows\r\n',
  markdown: `| table | size | note |
| --- | --- | --- |
| users | 1.5 KiB |  |
| audit_log | 3.0 GiB | grows |

2 tables
`,
}

describe('a result with a table', () => {
  it.each(FORMATS)('as %s', async format => {
    expect(await shown(format, blocks)).toBe(texts[format])
  })
})

describe('a result without a table', () => {
  it.each<[Format, string]>([
    ['table', 'ready\n'],
    ['ndjson', '{"schemaVersion":1,"rows":[{"name":"users","size":1536}]}\n'],
    ['csv', 'schemaVersion\r\n1\r\n'],
    ['markdown', 'ready\n'],
  ])('as %s', async (format, text) => {
    expect(await shown(format, [line('ready', 'good')])).toBe(text)
  })
})

describe('a table without rows', () => {
  it.each<[Format, string]>([
    ['table', 'none\n'],
    ['ndjson', ''],
    ['csv', 'name,size,note\r\n'],
    ['markdown', '| table | size | note |\n| --- | --- | --- |\n\nnone\n'],
  ])('as %s', async (format, text) => {
    expect(await shown(format, [table(columns, []), line('none')])).toBe(text)
  })
})

describe('csv', () => {
  it.each([
    ['a comma', '1,2', '"1,2"'],
    ['quotes', 'say "hi"', '"say ""hi"""'],
    ['a line break', 'a\nb', '"a\nb"'],
    ['CRLF', 'a\r\nb', '"a\r\nb"'],
    ['a carriage return', 'a\rb', '"a\rb"'],
    ['spaces at its ends', ' a ', ' a '],
    ['an escape character, which a program may want', '\u001b', '\u001b'],
    ['nothing', '', ''],
    ['NULL', null, ''],
    ['a number', 1e21, '1e+21'],
    ['false', false, 'false'],
  ])('keeps %s', async (_, note, field) => {
    const text = await shown('csv', [table(columns, [{ cells: { name: 'n', note } }])])
    expect(text).toBe(`name,size,note\r\nn,,${field}\r\n`)
  })
})

describe('for people', () => {
  const nasty = table(columns, [{ cells: { name: 'a\u001b[31m|b', note: '<b>\\ \u202e\n' } }])

  it('control characters are shown as they are written', async () => {
    expect(await shown('table', [nasty, line('a\u0007b')])).toBe(
      'table          size  note\na\\u001b[31m|b        <b>\\ \\u202e\\n\na\\u0007b\n',
    )
    expect(await shown('table', [nasty], { colour: false, width: 80 })).toContain('│ a\\u001b[31m|b │')
  })

  it('Markdown takes nothing for its own', async () => {
    expect(await shown('markdown', [nasty, line('a\u0007b')])).toBe(`| table | size | note |
| --- | --- | --- |
| a\\\\u001b[31m\\|b |  | &lt;b>\\\\ \\\\u202e\\\\n |

a\\u0007b
`)
  })
})

function shown(
  format: Format,
  shownBlocks: Block[],
  paper: Parameters<typeof render>[2] = pipe,
): Promise<string> {
  return render(format, { command: 'stats', document, blocks: () => shownBlocks }, paper)
}
