/** A PostgreSQL that says when it is ready, and the migrations before the application starts. */
export const COMPOSE = {
  'compose.database.yaml': `# docker compose -f compose.database.yaml up
services:
  postgres:
    image: postgres:18
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: app
      POSTGRES_DB: app
    ports: ['127.0.0.1:5432:5432']
    volumes: ['postgres:/var/lib/postgresql']
    healthcheck:
      test: [CMD-SHELL, pg_isready -U app -d app]
      interval: 2s
      retries: 30

  migrate:
    image: node:22-slim
    working_dir: /app
    volumes: ['.:/app:ro']
    environment:
      DATABASE_URL: postgres://app:app@postgres:5432/app
    command: [npx, drizzle-ops, migrate, --wait, 60s]
    depends_on:
      postgres:
        condition: service_healthy

volumes:
  postgres:
`,
}
