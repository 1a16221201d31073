import type { Database } from '../../database/database.ts'

export interface FileEnding {
  /** Without its dot; null for paths that have none. */
  readonly ending: string | null
  readonly files: number
  readonly projects: number
  /** Of the contents as text. */
  readonly bytes: number
  readonly averageBytes: number
}

export async function fileEndings(database: Database): Promise<FileEnding[]> {
  return database.query<FileEnding>`
    SELECT substring(path FROM '[^/]\\.([^./]+)$') AS ending, count(*)::float8 AS files,
           count(DISTINCT project_id)::float8 AS projects, sum(octet_length(content))::float8 AS bytes,
           avg(octet_length(content))::float8 AS "averageBytes"
    FROM project_files
    GROUP BY ending
    ORDER BY bytes DESC, ending`
}
