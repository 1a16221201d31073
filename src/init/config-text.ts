/** The `ops` export that `init` adds: all of it commented out, so that nothing changes until somebody decides. */
const BODY = `{
  // databases that destructive commands touch only with --on <name>
  // protected: ['app_prod'],
  // connections for --environment <name>, or NODE_ENV
  // environments: { staging: { url: process.env.STAGING_URL } },
  // a direct URL, where the application's own goes through a transaction pooler
  // migrationUrl: process.env.DIRECT_URL,
  // columns whose values an export leaves out, beside those that are named like secrets
  // redact: ['accounts.access_token'],
  // what \`drizzle-ops cleanup\` deletes; \`drizzle-ops cleanup list\` suggests lines for here
  // cleanup: { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } },
  // what drift leaves alone
  // drift: { ignore: ['table:public.tmp_*'] },
}`

const IMPORT = "import { defineOps } from 'drizzle-ops/config'\n"
const FIRST_IMPORT = /^import\b/m

/** A config with the import and the export added; every byte of it stays where it was in order. */
export function withOps(text: string, schema: string | undefined): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const type = schema === undefined ? '' : `<typeof import('${schema}')>`
  const addition = `\n/** For drizzle-ops; drizzle-kit does not read it. */\nexport const ops = defineOps${type}(${BODY})\n`
  const first = text.search(FIRST_IMPORT)
  const head = first < 0 ? '' : text.slice(0, first)
  const rest = first < 0 ? text : text.slice(first)
  const end = rest.endsWith('\n') ? '' : newline
  return `${head}${IMPORT.replaceAll('\n', newline)}${rest}${end}${addition.replaceAll('\n', newline)}`
}
