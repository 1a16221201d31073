import { blockedSessions } from './blocking.ts'
import type { Check } from './check.ts'
import { preparedTransactionsCheck, wraparound, xminHorizon } from './horizon.ts'
import {
  foreignKeyIndexes,
  invalidIndexesCheck,
  redundantIndexesCheck,
  unusedIndexesCheck,
} from './indexes.ts'
import { replication } from './replication.ts'
import { retention } from './retention.ts'
import { sequenceBehind } from './sequence-behind.ts'
import { integerKeys, sequenceExhaustion } from './sequences.ts'
import { archiving, checksums } from './server.ts'
import { settings, statementsExtension, timeZone } from './settings.ts'
import { notValidConstraints, primaryKeys, unloggedTablesCheck } from './tables.ts'
import { idleInTransaction, longTransaction } from './transactions.ts'
import { autovacuum, staleStatistics } from './vacuum.ts'

/** What `health --deep` asks besides the quick checks. */
export const deepChecks: readonly Check[] = [
  blockedSessions,
  idleInTransaction,
  longTransaction,
  xminHorizon,
  preparedTransactionsCheck,
  wraparound,
  autovacuum,
  staleStatistics,
  invalidIndexesCheck,
  notValidConstraints,
  sequenceExhaustion,
  sequenceBehind,
  integerKeys,
  foreignKeyIndexes,
  redundantIndexesCheck,
  unusedIndexesCheck,
  primaryKeys,
  unloggedTablesCheck,
  replication,
  archiving,
  checksums,
  settings,
  timeZone,
  statementsExtension,
  retention,
]
