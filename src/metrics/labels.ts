const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }
const SPECIAL = /[\\"\n]/g

export type Labels = Readonly<Record<string, string>>

/** Labels as the text format writes them: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(SPECIAL, each => ESCAPED[each] ?? each)}"`,
  )
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}
