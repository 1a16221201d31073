-- What a schema can hold: every type, every kind of key, every constraint that values have to meet.
CREATE SCHEMA types;
CREATE TYPE types.mood AS ENUM ('sad', 'ok', 'it''s, "fine"');
CREATE TYPE types.size AS (width int, height numeric(6,2), note text);
CREATE DOMAIN types.percent AS int CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN types.short AS varchar(12) NOT NULL CHECK (length(VALUE) >= 3);
CREATE DOMAIN types.postcode AS text CHECK (VALUE ~ '^\d{5}(-\d{4})?$');
CREATE DOMAIN types.inner_percent AS types.percent CHECK (VALUE > 10);
CREATE TYPE types.floatrange AS RANGE (subtype = float8);

CREATE TABLE types.every (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  c_bool bool NOT NULL, c_int2 int2 NOT NULL, c_int4 int4 NOT NULL, c_int8 int8 NOT NULL, c_oid oid NOT NULL,
  c_float4 float4 NOT NULL, c_float8 float8 NOT NULL, c_numeric numeric NOT NULL, c_numeric_5_2 numeric(5,2) NOT NULL,
  c_numeric_2_0 numeric(2) NOT NULL, c_numeric_3_5 numeric(3,5) NOT NULL, c_numeric_2_m3 numeric(2,-3) NOT NULL, c_money money NOT NULL,
  c_text text NOT NULL, c_varchar varchar NOT NULL, c_varchar_3 varchar(3) NOT NULL, c_char char(7) NOT NULL, c_char1 "char" NOT NULL,
  c_name name NOT NULL, c_uuid uuid NOT NULL, c_bytea bytea NOT NULL, c_bit bit NOT NULL, c_bit_9 bit(9) NOT NULL, c_varbit varbit NOT NULL,
  c_varbit_5 varbit(5) NOT NULL, c_date date NOT NULL, c_time time NOT NULL, c_timetz timetz NOT NULL, c_timestamp timestamp NOT NULL,
  c_timestamptz timestamptz NOT NULL, c_timestamp_0 timestamp(0) NOT NULL, c_interval interval NOT NULL, c_interval_day interval day NOT NULL,
  c_inet inet NOT NULL, c_cidr cidr NOT NULL, c_macaddr macaddr NOT NULL, c_macaddr8 macaddr8 NOT NULL,
  c_point point NOT NULL, c_line line NOT NULL, c_lseg lseg NOT NULL, c_box box NOT NULL, c_path path NOT NULL, c_polygon polygon NOT NULL,
  c_circle circle NOT NULL, c_json json NOT NULL, c_jsonb jsonb NOT NULL, c_jsonpath jsonpath NOT NULL, c_xml xml NOT NULL,
  c_tsvector tsvector NOT NULL, c_tsquery tsquery NOT NULL, c_pg_lsn pg_lsn NOT NULL, c_snapshot pg_snapshot NOT NULL, c_xid xid NOT NULL,
  c_xid8 xid8 NOT NULL, c_regclass regclass NOT NULL, c_regtype regtype NOT NULL,
  c_int4range int4range NOT NULL, c_int8range int8range NOT NULL, c_numrange numrange NOT NULL, c_daterange daterange NOT NULL,
  c_tsrange tsrange NOT NULL, c_tstzrange tstzrange NOT NULL, c_floatrange types.floatrange NOT NULL,
  c_int4multirange int4multirange NOT NULL, c_tstzmultirange tstzmultirange NOT NULL, c_datemultirange datemultirange NOT NULL,
  c_floatmultirange types.floatmultirange NOT NULL,
  c_mood types.mood NOT NULL, c_size types.size NOT NULL, c_percent types.percent NOT NULL, c_short types.short, c_postcode types.postcode NOT NULL,
  c_inner_percent types.inner_percent NOT NULL,
  a_text text[] NOT NULL, a_int int[] NOT NULL, a_matrix int[][] NOT NULL, a_json jsonb[] NOT NULL, a_mood types.mood[] NOT NULL,
  a_range int4range[] NOT NULL, a_timestamptz timestamptz[] NOT NULL, a_bytea bytea[] NOT NULL, a_uuid uuid[] NOT NULL, a_inet inet[] NOT NULL,
  a_size types.size[] NOT NULL, a_percent types.percent[] NOT NULL, a_box box[] NOT NULL, a_interval interval[] NOT NULL,
  g_double int GENERATED ALWAYS AS (c_int2 * 2) STORED
);

CREATE TABLE types.nullable (LIKE types.every INCLUDING GENERATED);
DO $$ DECLARE c text; BEGIN
  FOR c IN SELECT attname FROM pg_attribute WHERE attrelid = 'types.nullable'::regclass AND attnum > 0 AND attname NOT IN ('g_double') LOOP
    EXECUTE format('ALTER TABLE types.nullable ALTER %I DROP NOT NULL', c);
  END LOOP;
END $$;

-- each type tells rows apart
CREATE TABLE types.keys_int2 (k int2 PRIMARY KEY);
CREATE TABLE types.keys_numeric (k numeric(3,1) UNIQUE);
CREATE TABLE types.keys_char (k char(2) PRIMARY KEY);
CREATE TABLE types.keys_varchar (k varchar(8) PRIMARY KEY, l varchar(20) UNIQUE, email varchar(30) UNIQUE);
CREATE TABLE types.keys_text (k text PRIMARY KEY, email text NOT NULL UNIQUE, slug text UNIQUE, path text UNIQUE, body text UNIQUE, url text UNIQUE);
CREATE TABLE types.keys_uuid (k uuid PRIMARY KEY);
CREATE TABLE types.keys_date (k date PRIMARY KEY);
CREATE TABLE types.keys_time (k time PRIMARY KEY, l timetz UNIQUE);
CREATE TABLE types.keys_timestamp (k timestamp PRIMARY KEY, created_at timestamptz UNIQUE, updated_at timestamptz UNIQUE, expires_at timestamptz UNIQUE);
CREATE TABLE types.keys_interval (k interval PRIMARY KEY);
CREATE TABLE types.keys_inet (k inet PRIMARY KEY, l cidr UNIQUE, m macaddr UNIQUE, n macaddr8 UNIQUE);
CREATE TABLE types.keys_bytes (k bytea PRIMARY KEY, l bit(10) UNIQUE, m varbit UNIQUE, n pg_lsn UNIQUE);
CREATE TABLE types.keys_bool (k bool PRIMARY KEY);
CREATE TABLE types.keys_mood (k types.mood PRIMARY KEY);
CREATE TABLE types.keys_array (k int[] PRIMARY KEY, l text[] UNIQUE);
CREATE TABLE types.keys_range (k int4range PRIMARY KEY, l tstzrange UNIQUE, m datemultirange UNIQUE);
CREATE TABLE types.keys_size (k types.size PRIMARY KEY);
CREATE TABLE types.keys_json (k jsonb PRIMARY KEY);
CREATE TABLE types.keys_postcode (k types.postcode PRIMARY KEY);
CREATE TABLE types.keys_percent (k types.percent PRIMARY KEY);
CREATE TABLE types.keys_float (k float8 PRIMARY KEY, l float4 UNIQUE, m money UNIQUE);
CREATE TABLE types.keys_tsvector (k tsvector PRIMARY KEY, n "char" UNIQUE);

CREATE SCHEMA keys;
CREATE TABLE keys.ever_always (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE TABLE keys.by_default (id bigint GENERATED BY DEFAULT AS IDENTITY (START 1000 INCREMENT 5) PRIMARY KEY, other int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE keys.serials (id serial PRIMARY KEY, small smallserial, big bigserial, name text);
CREATE SEQUENCE keys.shared;
CREATE TABLE keys.drawn (id int PRIMARY KEY DEFAULT nextval('keys.shared'), name text);
CREATE TABLE keys.no_key (a int, b text);
CREATE TABLE keys.no_column ();
CREATE TABLE keys.only_generated (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE keys.tree (id serial PRIMARY KEY, parent_id int REFERENCES keys.tree, name text);
CREATE TABLE keys.rooted (id serial PRIMARY KEY, root_id int NOT NULL REFERENCES keys.rooted);
CREATE TABLE keys.chain (id serial PRIMARY KEY, previous_id int UNIQUE REFERENCES keys.chain);
CREATE TABLE keys.hen (id int PRIMARY KEY, egg_id int NOT NULL);
CREATE TABLE keys.egg (id int PRIMARY KEY, hen_id int NOT NULL REFERENCES keys.hen);
ALTER TABLE keys.hen ADD FOREIGN KEY (egg_id) REFERENCES keys.egg;
CREATE TABLE keys.talk (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), last_line uuid);
CREATE TABLE keys.line (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), talk_id uuid NOT NULL REFERENCES keys.talk, reply_to uuid REFERENCES keys.line);
ALTER TABLE keys.talk ADD FOREIGN KEY (last_line) REFERENCES keys.line DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE keys.top (id int PRIMARY KEY);
CREATE TABLE keys.left_side (id int PRIMARY KEY, top_id int NOT NULL REFERENCES keys.top);
CREATE TABLE keys.right_side (id int PRIMARY KEY, top_id int NOT NULL REFERENCES keys.top);
CREATE TABLE keys.bottom (id int PRIMARY KEY, left_id int NOT NULL REFERENCES keys.left_side, right_id int NOT NULL REFERENCES keys.right_side);
CREATE TABLE keys.users (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, UNIQUE (id, email));
CREATE TABLE keys.profiles (user_id uuid PRIMARY KEY REFERENCES keys.users ON DELETE CASCADE, bio text);
CREATE TABLE keys.avatars (user_id uuid PRIMARY KEY REFERENCES keys.profiles, email text, FOREIGN KEY (user_id, email) REFERENCES keys.users (id, email));
CREATE TABLE keys.tags (id serial PRIMARY KEY, name text UNIQUE);
CREATE TABLE keys.user_tags (user_id uuid REFERENCES keys.users, tag_id int REFERENCES keys.tags, added_at timestamptz, PRIMARY KEY (user_id, tag_id));
CREATE TABLE keys.favours (id serial PRIMARY KEY, user_id uuid NOT NULL REFERENCES keys.users, tag_id int NOT NULL REFERENCES keys.tags, kind text NOT NULL CHECK (kind IN ('a', 'b')), UNIQUE (user_id, tag_id, kind));
CREATE TABLE keys.triples (a int REFERENCES keys.tags, b int REFERENCES keys.top, c int REFERENCES keys.left_side, UNIQUE (a, b), UNIQUE (b, c));
CREATE TABLE keys.pairs (a text NOT NULL, b text NOT NULL, c int NOT NULL, UNIQUE (a, b), UNIQUE (b, c));
CREATE TABLE keys.follows (follower uuid REFERENCES keys.users, followed uuid REFERENCES keys.users, CHECK (follower <> followed), PRIMARY KEY (follower, followed));

CREATE SCHEMA tenancy;
CREATE TABLE tenancy.tenants (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE tenancy.users (tenant_id int NOT NULL REFERENCES tenancy.tenants, id int NOT NULL, email text NOT NULL, manager_id int, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, email), FOREIGN KEY (tenant_id, manager_id) REFERENCES tenancy.users);
CREATE TABLE tenancy.teams (tenant_id int NOT NULL REFERENCES tenancy.tenants, id int NOT NULL, name text NOT NULL, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, name));
CREATE TABLE tenancy.members (tenant_id int NOT NULL, user_id int NOT NULL, team_id int NOT NULL, role text, PRIMARY KEY (tenant_id, user_id, team_id), FOREIGN KEY (tenant_id, user_id) REFERENCES tenancy.users, FOREIGN KEY (tenant_id, team_id) REFERENCES tenancy.teams);
CREATE TABLE tenancy.tasks (tenant_id int NOT NULL REFERENCES tenancy.tenants, id bigint GENERATED ALWAYS AS IDENTITY, team_id int NOT NULL, assignee_id int, reviewer_id int, PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, team_id) REFERENCES tenancy.teams, FOREIGN KEY (tenant_id, assignee_id) REFERENCES tenancy.users, FOREIGN KEY (tenant_id, reviewer_id) REFERENCES tenancy.users);
CREATE TABLE tenancy.notes (id serial PRIMARY KEY, tenant_id int, task_id bigint, FOREIGN KEY (tenant_id, task_id) REFERENCES tenancy.tasks MATCH FULL);

-- keys that take their columns from each other
CREATE SCHEMA circles;
CREATE TABLE circles.self (id int PRIMARY KEY REFERENCES circles.self);
CREATE TABLE circles.one (id int PRIMARY KEY);
CREATE TABLE circles.two (id int PRIMARY KEY REFERENCES circles.one);
CREATE TABLE circles.three (id int PRIMARY KEY REFERENCES circles.two);
ALTER TABLE circles.one ADD FOREIGN KEY (id) REFERENCES circles.three;
CREATE TABLE circles.here (id int PRIMARY KEY, mark text UNIQUE);
CREATE TABLE circles.there (id int PRIMARY KEY, mark text UNIQUE REFERENCES circles.here (mark));
ALTER TABLE circles.here ADD FOREIGN KEY (mark) REFERENCES circles.there (mark);
CREATE TABLE circles.teams (tenant_id int NOT NULL REFERENCES tenancy.tenants, id int, lead_id int NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE circles.users (tenant_id int NOT NULL REFERENCES tenancy.tenants, id int, team_id int NOT NULL, PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, team_id) REFERENCES circles.teams);
ALTER TABLE circles.teams ADD FOREIGN KEY (tenant_id, lead_id) REFERENCES circles.users;
CREATE TABLE circles.folders (owner text, id uuid, top_id uuid, PRIMARY KEY (owner, id));
CREATE TABLE circles.files (owner text, id uuid, folder_id uuid NOT NULL, PRIMARY KEY (owner, id), FOREIGN KEY (owner, folder_id) REFERENCES circles.folders);
ALTER TABLE circles.folders ADD FOREIGN KEY (owner, top_id) REFERENCES circles.files;
CREATE TABLE circles.list (tenant_id int REFERENCES tenancy.tenants, id int, previous_id int, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, previous_id), FOREIGN KEY (tenant_id, previous_id) REFERENCES circles.list);

CREATE SCHEMA checks;
CREATE TABLE checks.numbers (
  id serial PRIMARY KEY, a int NOT NULL CHECK (a > 5 AND a <= 9), b int CHECK (b IN (3, 5, 7)), c numeric(8,2) NOT NULL CHECK (c >= 0.5 AND c < 2.5),
  d int CHECK (d BETWEEN -5 AND -1), e float8 NOT NULL CHECK (e > 0 AND e < 1), f int NOT NULL CHECK (f <> 0), g int CHECK (g > 1000000),
  h int NOT NULL CHECK (h % 5 = 0), i smallint NOT NULL CHECK (i = 7), j int NOT NULL CHECK (0 < j), k int NOT NULL CHECK (NOT (k < 10)), l numeric NOT NULL CHECK (l > 0),
  CHECK (a IS NOT NULL)
);
CREATE TABLE checks.texts (
  id serial PRIMARY KEY, a text NOT NULL CHECK (length(a) > 3), b text NOT NULL CHECK (char_length(b) BETWEEN 2 AND 5), c text NOT NULL CHECK (c LIKE 'x-%'),
  d text NOT NULL UNIQUE CHECK (d ~ '^[A-Z]{2}-[0-9]{3}$'), e text NOT NULL CHECK (e ~* '^ab+c$'), f text NOT NULL CHECK (f = lower(f)), g text NOT NULL CHECK (g <> ''),
  h text NOT NULL CHECK (h IN ('red', 'green', 'blue')), i text CHECK (i IS NULL OR i = ANY (ARRAY['x', 'y'])), j text NOT NULL CHECK (j NOT LIKE '% %'),
  k text NOT NULL CHECK (length(trim(k)) > 0), l text NOT NULL CHECK (l !~ '\s'), m varchar(4) NOT NULL CHECK (m SIMILAR TO '[a-z]+'), n text NOT NULL CHECK (n ~ '^[[:alpha:]_]\w*$'),
  o text NOT NULL CHECK (o ~ '^#[0-9a-f]{6}$'), p text NOT NULL CHECK (p NOT IN ('bad', 'worse')), q text NOT NULL CHECK (position('@' in q) > 1), r text NOT NULL UNIQUE CHECK (r ~ '^[a-z0-9]+(-[a-z0-9]+)*$'), email text NOT NULL CHECK (email LIKE '%_@__%.__%')
);
CREATE TABLE checks.rows (
  id serial PRIMARY KEY, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, low int NOT NULL, high int NOT NULL, price numeric(6,2) NOT NULL CHECK (price > 0), discount numeric(6,2) NOT NULL CHECK (discount >= 0),
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz, deleted_at timestamptz, expires_at timestamptz, born date NOT NULL CHECK (born > '1900-01-01' AND born < '2010-12-31'), age int NOT NULL CHECK (age >= 18),
  kind text NOT NULL CHECK (kind IN ('a', 'b')), only_a int, done_at timestamptz, done bool NOT NULL, one int, two int, past timestamptz NOT NULL CHECK (past <= now()),
  CHECK (starts_at < ends_at), CHECK (low <= high), CHECK (discount <= price), CHECK (updated_at >= created_at), CHECK ((kind = 'a') = (only_a IS NOT NULL)),
  CHECK (NOT done OR done_at IS NOT NULL), CHECK (num_nonnulls(one, two) = 1)
);

CREATE SCHEMA uniques;
CREATE TABLE uniques.partial (id serial PRIMARY KEY, user_id int NOT NULL, email text, active bool NOT NULL, deleted_at timestamptz);
CREATE UNIQUE INDEX ON uniques.partial (user_id) WHERE active;
CREATE UNIQUE INDEX ON uniques.partial (lower(email)) WHERE deleted_at IS NULL;
CREATE TABLE uniques.expression (id serial PRIMARY KEY, name text NOT NULL, first text NOT NULL, last text NOT NULL, code text NOT NULL);
CREATE UNIQUE INDEX ON uniques.expression (lower(name));
CREATE UNIQUE INDEX ON uniques.expression ((first || ' ' || last));
CREATE UNIQUE INDEX ON uniques.expression (substring(code, 1, 2));
CREATE TABLE uniques.nulls (id serial PRIMARY KEY, a int, b text, UNIQUE (a, b));
CREATE TABLE uniques.defaults (project_id int NOT NULL REFERENCES keys.tags, name text NOT NULL, is_default bool NOT NULL);
CREATE UNIQUE INDEX ON uniques.defaults (project_id) WHERE is_default;
CREATE TABLE uniques.flags (a bool NOT NULL, b types.mood NOT NULL, UNIQUE (a, b));

CREATE SCHEMA excluded;
CREATE TABLE excluded.ranges (id serial PRIMARY KEY, during tstzrange NOT NULL, EXCLUDE USING gist (during WITH &&));
CREATE TABLE excluded.spans (id serial PRIMARY KEY, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, CHECK (starts_at < ends_at), EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH &&));
CREATE TABLE excluded.boxes (id serial PRIMARY KEY, area box NOT NULL, EXCLUDE USING gist (area WITH &&));
CREATE TABLE excluded.once (id int, EXCLUDE USING btree (id WITH =));

CREATE SCHEMA parts;
CREATE TABLE parts.by_month (id bigint GENERATED BY DEFAULT AS IDENTITY, created_at timestamptz NOT NULL, body text, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
CREATE TABLE parts.by_month_1 PARTITION OF parts.by_month FOR VALUES FROM ('2031-01-01') TO ('2031-02-01');
CREATE TABLE parts.by_month_2 PARTITION OF parts.by_month FOR VALUES FROM ('2031-03-01') TO ('2031-04-01');
CREATE TABLE parts.by_number (n int NOT NULL, body text) PARTITION BY RANGE (n);
CREATE TABLE parts.by_number_1 PARTITION OF parts.by_number FOR VALUES FROM (500000) TO (500100);
CREATE TABLE parts.by_number_2 PARTITION OF parts.by_number DEFAULT;
CREATE TABLE parts.by_region (id serial, region text NOT NULL, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE parts.by_region_eu PARTITION OF parts.by_region FOR VALUES IN ('de', 'fr');
CREATE TABLE parts.by_region_us PARTITION OF parts.by_region FOR VALUES IN ('us');
CREATE TABLE parts.by_hash (id uuid PRIMARY KEY, body text) PARTITION BY HASH (id);
CREATE TABLE parts.by_hash_0 PARTITION OF parts.by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts.by_hash_1 PARTITION OF parts.by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE parts.half (id uuid PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE parts.half_0 PARTITION OF parts.half FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts.deep (region text NOT NULL, day date NOT NULL, body text) PARTITION BY LIST (region);
CREATE TABLE parts.deep_eu PARTITION OF parts.deep FOR VALUES IN ('eu') PARTITION BY RANGE (day);
CREATE TABLE parts.deep_eu_1 PARTITION OF parts.deep_eu FOR VALUES FROM ('2030-01-01') TO ('2030-01-11');
CREATE TABLE parts.deep_us PARTITION OF parts.deep FOR VALUES IN ('us');
CREATE TABLE parts.events (id int REFERENCES keys.tags, at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (at);
CREATE TABLE parts.events_all PARTITION OF parts.events FOR VALUES FROM (MINVALUE) TO (MAXVALUE);

CREATE SCHEMA one;
CREATE SCHEMA two;
CREATE TABLE one.things (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE two.things (id uuid PRIMARY KEY, thing_id int NOT NULL REFERENCES one.things, amount int NOT NULL);
CREATE SCHEMA "odd ""Schema""";
CREATE TABLE "odd ""Schema"""."Table. with ""everything"", ünïcode" ("I D" serial PRIMARY KEY, "select" text NOT NULL UNIQUE, "a.b" int, "tab	new
line" text, "E-Mail" text UNIQUE);
CREATE TABLE "odd ""Schema"""."Ünder" ("Ref" int NOT NULL REFERENCES "odd ""Schema"""."Table. with ""everything"", ünïcode" ("I D"), "select" text REFERENCES "odd ""Schema"""."Table. with ""everything"", ünïcode" ("select"));
