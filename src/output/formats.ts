export const FORMATS = ['table', 'json', 'ndjson', 'csv', 'markdown'] as const

export type Format = (typeof FORMATS)[number]

export function isFormat(name: string): name is Format {
  return (FORMATS as readonly string[]).includes(name)
}
