/**
 * What values are read under, as an export has written them. Rows get into place under the session's own settings:
 * triggers may depend on its search_path and its time zone.
 */
const PINNED = {
  search_path: "''",
  timezone: "'UTC'",
  datestyle: "'ISO, YMD'",
  intervalstyle: "'postgres'",
  extra_float_digits: '3',
  bytea_output: "'hex'",
  xmloption: "'content'",
  lc_monetary: "'C'",
}

/**
 * Without row level security the server shows all rows or refuses: a conflict must not be hidden. Sorts and hashes may
 * take what CREATE INDEX takes by default: with 4 MB a quarter of a million rows went through the disk in 64 parts.
 * Looking each row up is dear by the server's estimate, by which it would compile, and optimize, what runs for a second:
 * https://www.postgresql.org/docs/current/jit-decision.html
 */
const THROUGHOUT = `SET LOCAL row_security = off; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL default_statistics_target = 10; SET LOCAL jit = off; SELECT pg_catalog.set_config('work_mem', '64MB', true) FROM pg_catalog.pg_settings WHERE name = 'work_mem' AND setting::bigint < 65536`

export const STAGING = [
  THROUGHOUT,
  ...Object.entries(PINNED).map(([name, value]) => `SET LOCAL ${name} = ${value}`),
].join('; ')

export const PLACING = Object.keys(PINNED)
  .map(name => `SET LOCAL ${name} TO DEFAULT`)
  .join('; ')
