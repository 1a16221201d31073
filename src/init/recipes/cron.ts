/** For the crontab of the user that the application runs as. Each command says in its exit code how it went. */
export const CRON = {
  'deploy/drizzle-ops.cron': `# crontab deploy/drizzle-ops.cron, or copy the lines into crontab -e
# DATABASE_URL comes from the project's .env files
PROJECT=/srv/app
MAILTO=ops@example.com

# what has expired, in small batches, at most 20 minutes
17 3 * * *  cd "$PROJECT" && npx drizzle-ops cleanup --yes --quiet --max-time 20m
# says something only where something is wrong
*/10 * * * *  cd "$PROJECT" && npx drizzle-ops health --quiet --json >/tmp/drizzle-ops-health.json || cat /tmp/drizzle-ops-health.json
# has somebody changed the database by hand?
42 5 * * 1  cd "$PROJECT" && npx drizzle-ops drift --quiet --format markdown
`,
}
