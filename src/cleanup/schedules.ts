/** Where a nightly cleanup may be written down. */
export const SCHEDULERS = ['cron', 'systemd', 'k8s', 'github', 'pg_cron'] as const

export type Scheduler = (typeof SCHEDULERS)[number]

/** The arguments of the nightly run: it ends before anybody comes to work, and goes on the night after. */
const ARGS = ['cleanup', '--yes', '--max-time', '20m']

/** The text for each, for all policies or the named ones. */
export function scheduleText(scheduler: Scheduler, policies: readonly string[]): string {
  return TEXTS[scheduler]([ARGS[0] ?? '', ...policies, ...ARGS.slice(1)])
}

const TEXTS: Readonly<Record<Scheduler, (args: readonly string[]) => string>> = {
  cron: args => `# crontab -e; the project's folder, where its .env files lie
17 3 * * *  cd /srv/app && npx drizzle-ops ${args.join(' ')} --quiet
`,
  systemd: args => `# /etc/systemd/system/cleanup.service
[Unit]
Description=Delete what has expired from the database

[Service]
Type=oneshot
WorkingDirectory=/srv/app
ExecStart=/usr/bin/npx drizzle-ops ${args.join(' ')}
# a stopped batch is finished first
TimeoutStopSec=30

# /etc/systemd/system/cleanup.timer
[Unit]
Description=Nightly cleanup of the database

[Timer]
OnCalendar=*-*-* 03:17:00
RandomizedDelaySec=10m
Persistent=true

[Install]
WantedBy=timers.target
`,
  k8s: args => `apiVersion: batch/v1
kind: CronJob
metadata:
  name: cleanup
spec:
  schedule: '17 3 * * *'
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: cleanup
              image: registry.example.com/app-database:latest
              args: [${args.join(', ')}, --json]
              envFrom:
                - secretRef:
                    name: database
`,
  github: args => `# .github/workflows/cleanup.yml
name: cleanup
on:
  schedule:
    - cron: '17 3 * * *'
concurrency: cleanup
jobs:
  cleanup:
    runs-on: ubuntu-latest
    env:
      DATABASE_URL: \${{ secrets.DATABASE_URL }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - run: npx drizzle-ops ${args.join(' ')}
`,
  pg_cron:
    () => `-- pg_cron runs SQL in the server and knows none of the policies: this is one DELETE of at most 10,000 rows.
-- Times are GMT. A timestamp without time zone holds UTC, as Drizzle writes it: compare it with now() AT TIME ZONE 'UTC'.
-- For batches, archives, foreign keys and replicas use drizzle-ops cleanup.
SELECT cron.schedule('cleanup-sessions', '*/10 * * * *', $$
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT 10000 FOR UPDATE SKIP LOCKED)
$$);
-- its own log grows for ever
SELECT cron.schedule('cleanup-cron', '0 4 * * *', $$
  DELETE FROM cron.job_run_details WHERE end_time < now() - interval '7 days'
$$);
`,
}
