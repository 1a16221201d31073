import postgres, { type Sql } from 'postgres'

export function connect(url: string, max = 4): Sql {
  return postgres(url, { max, fetch_types: false, onnotice: () => undefined })
}
