import { expect, it } from 'vitest'
import { redact } from '../../src/output/redact.ts'

it.each([
  ['postgres://app:hunter2@db:5432/shop', 'postgres://app:…@db:5432/shop'],
  ['POSTGRESQL://app:p@ss:word@db/shop.', 'POSTGRESQL://app:…@db/shop.'],
  ['postgres://:hunter2@db', 'postgres://:…@db'],
  ['redis://:a@b, amqp://me:c@d', 'redis://:…@b, amqp://me:…@d'],
  [
    '{"url":"postgres://app:hunter2@db","mail":"me@example.com"}',
    '{"url":"postgres://app:…@db","mail":"me@example.com"}',
  ],
  [
    'postgres://db/shop?user=app&password=hunter2&sslmode=require',
    'postgres://db/shop?user=app&password=…&sslmode=require',
  ],
  ['host=db password=hunter2 user=app', 'host=db password=… user=app'],
  ["ALTER ROLE app PASSWORD 'it''s secret' LOGIN", "ALTER ROLE app PASSWORD '…' LOGIN"],
])('%s', (text, redacted) => {
  expect(redact(text)).toBe(redacted)
})

it.each([
  'Write postgres://user:password@host:5432/database',
  'postgres://app@db:5432/shop',
  'https://orm.drizzle.team/docs',
  'password authentication failed for user "app"',
  'me@example.com',
])('leaves %s as it is', text => {
  expect(redact(text)).toBe(text)
})
