import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { majors } from '../support/shared-servers.ts'
import { closureOf } from './collecting.ts'

/** Prices of products, each for a time; an offer needs all prices of its time, a visit may go without. */
const TABLES = `
  CREATE EXTENSION btree_gist;
  CREATE TABLE shops (id int PRIMARY KEY);
  CREATE TABLE prices (product int, valid daterange, cents int, PRIMARY KEY (product, valid WITHOUT OVERLAPS));
  CREATE TABLE offers (id int PRIMARY KEY, shop_id int NOT NULL REFERENCES shops, product int NOT NULL, during daterange NOT NULL,
                       FOREIGN KEY (product, PERIOD during) REFERENCES prices (product, PERIOD valid));
  CREATE TABLE visits (id int PRIMARY KEY, shop_id int NOT NULL REFERENCES shops, product int, during daterange NOT NULL,
                       FOREIGN KEY (product, PERIOD during) REFERENCES prices (product, PERIOD valid));`
const ROWS = `
  INSERT INTO shops VALUES (1), (2);
  INSERT INTO prices VALUES (1, '[2020-01-01,2021-01-01)', 10), (1, '[2021-01-01,2022-01-01)', 20), (1, '[2022-01-01,2023-01-01)', 30),
                            (2, '[2020-01-01,2023-01-01)', 40);
  INSERT INTO offers VALUES (1, 1, 1, '[2020-06-01,2021-06-01)'), (2, 2, 2, '[2021-01-01,2021-02-01)');
  INSERT INTO visits VALUES (1, 1, 1, '[2020-06-01,2020-07-01)'), (2, 1, 1, '[2021-06-01,2022-06-01)'), (3, 1, NULL, '[1999-01-01,2000-01-01)');`

const PRICES = 'SELECT product, valid::text, cents FROM prices ORDER BY product, valid'
const VISITS = 'SELECT id, product, during::text FROM visits ORDER BY id'
const FIRST_TWO = [
  { product: 1, valid: '[2020-01-01,2021-01-01)', cents: 10 },
  { product: 1, valid: '[2021-01-01,2022-01-01)', cents: 20 },
]

async function databases(
  major: (typeof temporal)[number],
): Promise<{ from: TestDatabase; to: TestDatabase }> {
  const [from, to] = await Promise.all([freshDatabase(major), freshDatabase(major)])
  for (const { sql } of [from, to]) await sql.unsafe(TABLES)
  await from.sql.unsafe(ROWS)
  return { from, to }
}

async function exported({ url }: TestDatabase, ...args: string[]): Promise<string> {
  const file = join(emptyFolder(), 'out.ndjson')
  const { code, stdout, stderr } = await ops(['export', ...args, '-o', file, '--url', url])
  expect(code, stdout + stderr).toBe(0)
  return file
}

const temporal = majors().filter(major => major >= 18)

describe.skipIf(temporal.length === 0)('temporal foreign keys (from PostgreSQL 18 on)', () => {
  describe.each(temporal)('on PostgreSQL %i', major => {
    it('takes all rows along whose periods a row needs, and leaves a row without those that it may lack', async () => {
      const { from, to } = await databases(major)
      const file = await exported(from, 'shops', '1')
      const { code, stdout } = await ops(['import', file, '--url', to.url, '--yes', '--json'])
      expect(code, stdout).toBe(0)
      expect(await to.sql.unsafe(PRICES)).toEqual(FIRST_TWO)
      // the second one needs a price that is not in the archive, beside one that is
      expect(await to.sql.unsafe(VISITS)).toEqual([
        { id: 1, product: 1, during: '[2020-06-01,2020-07-01)' },
        { id: 2, product: null, during: '[2021-06-01,2022-06-01)' },
        { id: 3, product: null, during: '[1999-01-01,2000-01-01)' },
      ])
      expect(await to.sql`SELECT id, product FROM offers`).toEqual([{ id: 1, product: 1 }])
    })

    it.each([false, true])('finds the rows of a period, placeless: %s', async placeless => {
      const { from } = await databases(major)
      expect(await closureOf(from, 'prices', { where: 'product = 1' }, { placeless })).toMatchObject({
        owned: { prices: ['1', '1', '1'], offers: ['1'], visits: ['1', '2'] },
        required: { shops: ['1'] },
      })
      // an offer hangs from the price before as well
      const asked = { where: "valid = '[2021-01-01,2022-01-01)'" }
      await expect(closureOf(from, 'prices', asked, { placeless })).rejects.toMatchObject({
        code: 'crosses-roots',
      })
      const file = await exported(from, 'prices', '--where', asked.where, '--cross', 'embed')
      const inspected = documentOf<{ tables: object[] }>(await ops(['archive', 'inspect', file, '--json']))
      // the other prices of that offer are needed, and what hangs from them is not
      expect(inspected.tables).toContainEqual({ table: 'public.prices', rows: 2 })
    })

    it('gives them new ids, and keeps their periods', async () => {
      const { from } = await databases(major)
      const file = await exported(from, 'shops', '1')
      const args = ['import', file, '--url', from.url, '--yes', '--json', '--new-ids', 'copy']
      const { code, stdout } = await ops(args)
      expect(code, stdout).toBe(0)
      const copied = await from.sql`
        SELECT offers.during::text, prices.valid::text, prices.cents FROM offers
        JOIN prices ON prices.product = offers.product AND prices.valid && offers.during
        WHERE offers.id NOT IN (1, 2) ORDER BY prices.valid`
      expect(copied).toEqual(
        FIRST_TWO.map(({ valid, cents }) => ({ during: '[2020-06-01,2021-06-01)', valid, cents })),
      )
    })

    it('refuses a gap in what covers a period where no trigger looks', async () => {
      const { from, to } = await databases(major)
      await from.sql`ALTER TABLE offers DROP CONSTRAINT offers_product_during_fkey`
      await to.sql`INSERT INTO prices VALUES (1, '[2020-01-01,2021-01-01)', 10)`
      const file = await exported(from, 'shops', '1', '--exclude', 'visits')
      const args = [
        'import',
        file,
        '--url',
        to.url,
        '--yes',
        '--json',
        '--no-triggers',
        '--allow',
        'schema-drift',
      ]
      const cut = await ops(args)
      expect(documentOf<{ error: object }>(cut).error).toMatchObject({ code: 'dangling-reference' })
      expect(await to.sql`SELECT FROM offers`).toEqual([])
    })
  })
})
