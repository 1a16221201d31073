import { MATRIX, MATRIX_TYPES } from '../graph/types.ts'

/** Columns of every type of the matrix, each NULL in one of two rows. */
const typed = MATRIX.map(([type], index) => `c${index} ${type}`).join(', ')
const values = MATRIX.map(([type, value]) => `(${value})::${type}`).join(', ')
const nulls = MATRIX.map(() => 'NULL').join(', ')

/** All that is hard to move, hanging from `tenants`. */
export const TORTURE_SCHEMA = `
  ${MATRIX_TYPES}
  CREATE SCHEMA other; CREATE SCHEMA "Sch ema";
  CREATE TABLE tenants (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, label text GENERATED ALWAYS AS ('<' || name || '>') STORED);
  CREATE TABLE typed (id bigserial PRIMARY KEY, tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE, ${typed});
  -- the same name in two schemas
  CREATE TABLE other.tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant int NOT NULL REFERENCES public.tenants ON DELETE CASCADE, name text);
  -- composite keys, and a reference to a unique key that is not the primary one
  CREATE TABLE orders (tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE, number int NOT NULL, code varchar(20) NOT NULL, PRIMARY KEY (tenant, number), UNIQUE (code, tenant));
  CREATE TABLE lines (tenant int NOT NULL, code varchar(20) NOT NULL, line smallint NOT NULL, note json, PRIMARY KEY (tenant, code, line), FOREIGN KEY (code, tenant) REFERENCES orders (code, tenant) ON DELETE CASCADE);
  -- a tree
  CREATE TABLE nodes (id text PRIMARY KEY, tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE, parent text REFERENCES nodes ON DELETE CASCADE);
  -- a cycle in which nothing may be NULL nor be deferred
  CREATE TABLE eggs (id uuid PRIMARY KEY, tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE, hen uuid NOT NULL);
  CREATE TABLE hens (id uuid PRIMARY KEY, egg uuid NOT NULL REFERENCES eggs ON DELETE CASCADE);
  ALTER TABLE eggs ADD FOREIGN KEY (hen) REFERENCES hens ON DELETE CASCADE;
  -- a diamond
  CREATE TABLE lefts (id int PRIMARY KEY, tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE);
  CREATE TABLE rights (id int PRIMARY KEY, tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE);
  CREATE TABLE bottoms (id int PRIMARY KEY, l int NOT NULL REFERENCES lefts ON DELETE CASCADE, r int NOT NULL REFERENCES rights ON DELETE CASCADE);
  -- partitions
  CREATE TABLE events (tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE, at timestamptz NOT NULL, body text, PRIMARY KEY (tenant, at)) PARTITION BY RANGE (at);
  CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
  CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
  -- odd names, among them those that SQL around them might use
  CREATE TABLE "Sch ema"."we""ird T" ("select" int PRIMARY KEY, "a.b" int NOT NULL REFERENCES tenants ON DELETE CASCADE, "line" text, "staged" text, "r" text, "existing" jsonb, "ünï'\\" text);
  -- no key at all
  CREATE TABLE logs (tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE, line text);`

export const TORTURE_ROWS = `
  INSERT INTO tenants (name) VALUES ('one'), ('two');
  INSERT INTO typed SELECT 10, 1, ${values};
  INSERT INTO typed SELECT 11, 1, ${nulls};
  SELECT setval('typed_id_seq', 11);
  INSERT INTO other.tenants (tenant, name) VALUES (1, 'a'), (1, NULL), (2, 'b');
  INSERT INTO orders SELECT t, n, 'c' || n FROM generate_series(1, 2) AS t, generate_series(1, 3) AS n;
  INSERT INTO lines SELECT t, 'c' || n, l, '{"a":\n 1}' FROM generate_series(1, 2) AS t, generate_series(1, 3) AS n, generate_series(1, 2) AS l;
  INSERT INTO nodes VALUES ('z', 1, NULL), ('y', 1, 'z'), ('a', 1, 'y'), ('m', 1, 'm'), ('q', 2, NULL);
  WITH e AS (INSERT INTO eggs VALUES ('00000000-0000-4000-8000-000000000001', 1, '00000000-0000-4000-8000-000000000002')),
       h AS (INSERT INTO hens VALUES ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001')) SELECT;
  INSERT INTO lefts VALUES (1, 1), (2, 1), (3, 2); INSERT INTO rights VALUES (1, 1), (2, 1), (3, 2);
  INSERT INTO bottoms VALUES (1, 1, 2), (2, 2, 1), (3, 3, 3);
  INSERT INTO events VALUES (1, '2025-06-01', 'old'), (1, '2026-06-01', 'new'), (2, '2026-06-01', 'other');
  INSERT INTO "Sch ema"."we""ird T" VALUES (1, 1, 'l', 's', 'r', 'null', 'ü'), (2, 1, NULL, '', E'\\x01', '{"e":null}', '{}');
  INSERT INTO logs VALUES (1, 'twice'), (1, 'twice'), (1, NULL);`
