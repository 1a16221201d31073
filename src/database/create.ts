import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import type { Target } from '../project/target.ts'
import { connect } from './connect.ts'
import { identifier } from './identifier.ts'

/** duplicate_database, and unique_violation where two create it in the same moment */
const SOMEBODY_ELSE_DID = ['42P04', '23505']

/** Creates the target's database where the server has none of that name, by way of the database `postgres`. */
export async function createDatabaseIfMissing(context: Context, target: Target): Promise<boolean> {
  const options = {
    applicationName: 'drizzle-ops create database',
    timeout: context.globals.connectTimeout,
    signal: context.signal,
  }
  try {
    const connection = await connect(target, options)
    await connection.close()
    return false
  } catch (error) {
    if (!(error instanceof OpsError) || error.code !== 'database-unknown') throw error
  }
  const maintenance = await connect({ ...target, database: 'postgres' }, options)
  try {
    await maintenance.sql`CREATE DATABASE ${identifier(maintenance.sql, target.database)}`
    context.report.note(`Created the database ${target.database}`)
    return true
  } catch (error) {
    if (SOMEBODY_ELSE_DID.includes((error as { code?: string }).code ?? '')) return false
    throw explain(error, maintenance.identity)
  } finally {
    await maintenance.close()
  }
}
