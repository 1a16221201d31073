import type { CheckResult, Examined } from './examine.ts'

const MARKUP = /[<>&"']/g
const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
}
/** What XML 1.0 cannot hold in any way: https://www.w3.org/TR/xml/#charsets */
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** The checks as test cases: what fails the run is a failure, what could not be seen or does not count is skipped. */
export function junit(
  { checks, ms }: Pick<Examined, 'checks'> & { readonly ms: number },
  fails: (check: CheckResult) => boolean,
): string {
  const failures = checks.filter(fails).length
  const skipped = checks.filter(check => !fails(check) && skips(check)).length
  const counts = `tests="${checks.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${(ms / 1000).toFixed(3)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="drizzle-ops" ${counts}>`,
    `  <testsuite name="health" ${counts}>`,
    ...checks.map(check => testcase(check, fails(check))),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function skips({ status, suppressed }: CheckResult): boolean {
  return status === 'unknown' || status === 'skipped' || suppressed !== null
}

function testcase(check: CheckResult, failed: boolean): string {
  const { id, object, status, message, fix, drizzle } = check
  const opening = `    <testcase classname="health.${id}" name="${escaped(object === null ? id : `${id} ${object}`)}"`
  if (failed) {
    const place = drizzle ? `\n${drizzle.file}:${drizzle.line}  ${drizzle.fix}` : ''
    return `${opening}>\n      <failure type="${status}" message="${escaped(message)}">${escaped(`${fix ?? ''}${place}`)}</failure>\n    </testcase>`
  }
  if (skips(check)) return `${opening}>\n      <skipped message="${escaped(message)}"/>\n    </testcase>`
  return `${opening}/>`
}

function escaped(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(MARKUP, character => ENTITIES[character] ?? character)
}
