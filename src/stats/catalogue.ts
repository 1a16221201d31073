import type { StatsReport } from './report.ts'
import { indexReports } from './reports/indexes.ts'
import { lockReports } from './reports/locks.ts'
import { overviewReport } from './reports/overview.ts'
import { queryReports } from './reports/queries.ts'
import { schemaReports } from './reports/schema.ts'
import { serverReports } from './reports/server.ts'
import { sessionReports } from './reports/sessions.ts'
import { tableReports } from './reports/tables.ts'
import { vacuumReports } from './reports/vacuum.ts'

/** The reports that every database has, in the order of `stats list`. */
export const CATALOGUE: readonly StatsReport[] = [
  overviewReport,
  ...tableReports,
  ...indexReports,
  ...queryReports,
  ...sessionReports,
  ...lockReports,
  ...vacuumReports,
  ...schemaReports,
  ...serverReports,
]
