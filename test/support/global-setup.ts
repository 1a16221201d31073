import type { TestProject } from 'vitest/node'
import { type ServerAddress, urlOf } from './address.ts'
import { connect } from './client.ts'
import { ensureRuntime, type PostgresMajor } from './runtimes.ts'
import { selectedMajors } from './selection.ts'
import { startServer, type TestServer } from './servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    servers: ServerAddress[]
  }
}

/** Starts the servers that all test files share, one of each selected version, and returns what stops them. */
export default async function setup(project: TestProject) {
  const majors = await selectedMajors()
  // One after another, because npm takes both cores; a server that fails to start ends the others with us.
  for (const major of majors) await ensureRuntime(`pg${major}`)
  const servers = await Promise.all(majors.map(start))
  project.provide('servers', servers.map(address))
  return async () => {
    await Promise.all(servers.map(server => server.stop('immediate')))
  }
}

async function start(major: PostgresMajor): Promise<TestServer> {
  const began = performance.now()
  const server = await startServer({ major })
  const took = Math.round(performance.now() - began)
  console.log(`PostgreSQL ${await version(server)} on port ${server.port}, started in ${took} ms`)
  return server
}

async function version(server: ServerAddress) {
  const sql = connect(urlOf(server))
  const [row] = await sql<{ version: string }[]>`SELECT current_setting('server_version') AS version`
  await sql.end()
  return row?.version
}

// What can be sent to the processes of the tests: no functions.
function address({ major, host, port, socketDirectory }: TestServer): ServerAddress {
  return { major, host, port, socketDirectory }
}
