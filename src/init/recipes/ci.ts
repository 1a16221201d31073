/** GitHub Actions: pull requests are linted and rehearsed on an empty database, the main branch is migrated. */
export const CI = {
  '.github/workflows/database.yml': `name: database

on:
  pull_request:
  push:
    branches: [main]

# two deploys at once are harmless, and still one after the other is easier to read
concurrency: database-\${{ github.ref }}

jobs:
  check:
    runs-on: ubuntu-latest
    services:
      postgres:
        image: postgres:18
        env:
          POSTGRES_PASSWORD: postgres
        ports: ['5432:5432']
        options: >-
          --health-cmd pg_isready
          --health-interval 2s
          --health-retries 30
    env:
      DATABASE_URL: postgres://postgres:postgres@localhost:5432/postgres
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - run: npx drizzle-ops lint --all --format github
      - run: npx drizzle-ops migrate --wait 60s
      - run: npx drizzle-ops status --check
      - run: npx drizzle-ops drift

  migrate:
    if: github.ref == 'refs/heads/main'
    needs: check
    runs-on: ubuntu-latest
    environment: production
    env:
      DATABASE_URL: \${{ secrets.DATABASE_URL }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - run: npx drizzle-ops migrate --wait 60s --json
      - run: npx drizzle-ops health --fail-on critical
`,
}
