import { drizzleOn } from '../../database/drizzle.ts'
import { barred, columns } from '../../stats/columns.ts'
import type { StatsReport } from '../../stats/report.ts'
import * as schema from '../schema/index.ts'
import { projectStatistics } from '../services/project-lists.ts'
import { dailyActivity } from './activity.ts'
import { fileEndings } from './files.ts'
import { sessionStates } from './sessions.ts'

/** What the platform's own rows tell. */
export const platformReports: readonly StatsReport[] = [
  {
    name: 'projects',
    summary: 'how many projects there are in each status, and their average score',
    reads: ['projects'],
    needs: 'SELECT on projects',
    columns: [...columns('status'), ...barred('projects'), ...columns('averageScore')],
    ask: async ({ database }) => ({ rows: await projectStatistics(drizzleOn(database, schema)) }),
  },
  {
    name: 'files',
    summary: 'how many files projects have and how large they are, by the ending of their path',
    reads: ['project_files'],
    needs: 'SELECT on project_files',
    size: 'bytes',
    columns: [...columns('ending', 'files', 'projects'), ...barred('bytes'), ...columns('averageBytes')],
    ask: async ({ database }) => ({ rows: await fileEndings(database) }),
  },
  {
    name: 'sessions',
    summary: 'how many sessions users have in each status, and how many of them are past their end',
    reads: ['sessions'],
    needs: 'SELECT on sessions',
    columns: [...columns('status'), ...barred('sessions'), ...columns('expired', 'users', 'lastActive')],
    ask: async ({ database }) => ({ rows: await sessionStates(database) }),
  },
  {
    name: 'activity',
    summary: 'what users did on each of the last 30 days (server-activity: what the server does now)',
    reads: ['users', 'sessions', 'projects', 'messages'],
    needs: 'SELECT on users, sessions, projects and messages',
    columns: [...columns('day'), ...barred('messages'), ...columns('activeUsers', 'newUsers', 'newProjects')],
    ask: async ({ database }) => ({ rows: await dailyActivity(database) }),
  },
]
