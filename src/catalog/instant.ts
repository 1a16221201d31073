/** How instants leave the server, of a timestamp in UTC: `to_char(since AT TIME ZONE 'UTC', ${INSTANT})`. */
export const INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
