/** What somebody did to the live database by hand, and the one difference that drift must tell. */
export interface HandMade {
  readonly sql: string
  /** `kind object`, and the property unless all of it is missing or unexpected. */
  readonly difference: string
  readonly since?: number
  /** Only where privileges are compared, too. */
  readonly grants?: true
}

export const changes: readonly HandMade[] = [
  // schemas
  { sql: 'CREATE SCHEMA extra', difference: 'schema extra' },
  {
    sql: 'CREATE SCHEMA extra; CREATE TABLE extra.t (id int PRIMARY KEY); CREATE VIEW extra.v AS SELECT * FROM extra.t',
    difference: 'schema extra',
  },
  { sql: 'DROP SCHEMA billing CASCADE', difference: 'schema billing' },
  // extensions
  { sql: 'CREATE EXTENSION pg_trgm', difference: 'extension pg_trgm' },
  { sql: 'ALTER EXTENSION citext SET SCHEMA app', difference: 'extension citext schema' },
  // enums
  { sql: `CREATE TYPE colour AS ENUM ('red')`, difference: 'enum public.colour' },
  { sql: 'ALTER TABLE notes DROP COLUMN size; DROP TYPE size', difference: 'enum public.size' },
  { sql: `ALTER TYPE mood ADD VALUE 'angry' BEFORE 'ok'`, difference: 'enum public.mood values' },
  { sql: `ALTER TYPE mood RENAME VALUE 'happy' TO 'glad'`, difference: 'enum public.mood values' },
  { sql: rebuilt(`'sad', 'ok'`), difference: 'enum public.mood values' },
  { sql: rebuilt(`'happy', 'ok', 'sad'`), difference: 'enum public.mood values' },
  // domains and composite types
  { sql: 'CREATE DOMAIN extra AS text', difference: 'domain public.extra' },
  { sql: 'ALTER DOMAIN positive SET DEFAULT 2', difference: 'domain public.positive default' },
  { sql: 'ALTER DOMAIN positive SET NOT NULL', difference: 'domain public.positive nullable' },
  {
    sql: 'ALTER DOMAIN positive DROP CONSTRAINT positive_check',
    difference: 'constraint public.positive.positive_check',
  },
  { sql: 'ALTER TYPE app.address ADD ATTRIBUTE zip text', difference: 'type app.address attributes' },
  { sql: 'ALTER TYPE app.address DROP ATTRIBUTE city', difference: 'type app.address attributes' },
  { sql: 'CREATE TYPE span AS RANGE (SUBTYPE = numeric)', difference: 'type public.span' },
  // sequences
  { sql: 'CREATE SEQUENCE extra', difference: 'sequence public.extra' },
  { sql: 'DROP SEQUENCE ticket', difference: 'sequence public.ticket' },
  { sql: 'DROP SEQUENCE posts_id_seq CASCADE', difference: 'sequence public.posts_id_seq' },
  { sql: 'ALTER SEQUENCE ticket INCREMENT BY 1', difference: 'sequence public.ticket increment' },
  { sql: 'ALTER SEQUENCE ticket START WITH 20', difference: 'sequence public.ticket start' },
  { sql: 'ALTER SEQUENCE ticket MAXVALUE 1000', difference: 'sequence public.ticket maximum' },
  { sql: 'ALTER SEQUENCE ticket MINVALUE 3', difference: 'sequence public.ticket minimum' },
  { sql: 'ALTER SEQUENCE ticket CACHE 20', difference: 'sequence public.ticket cache' },
  { sql: 'ALTER SEQUENCE ticket CYCLE', difference: 'sequence public.ticket cycles' },
  { sql: 'ALTER SEQUENCE ticket AS integer', difference: 'sequence public.ticket type' },
  { sql: 'ALTER SEQUENCE posts_id_seq OWNED BY NONE', difference: 'sequence public.posts_id_seq ownedBy' },
  // tables
  {
    sql: 'CREATE TABLE extra (id serial PRIMARY KEY, user_id int REFERENCES users); CREATE INDEX ON extra (user_id)',
    difference: 'table public.extra',
  },
  { sql: 'DROP TABLE app."Odd names"', difference: 'table app."Odd names"' },
  { sql: 'DROP TABLE users CASCADE', difference: 'table public.users' },
  { sql: 'ALTER TABLE notes SET UNLOGGED', difference: 'table public.notes unlogged' },
  { sql: 'ALTER TABLE notes SET (fillfactor = 70)', difference: 'table public.notes options' },
  { sql: 'ALTER TABLE notes REPLICA IDENTITY FULL', difference: 'table public.notes replicaIdentity' },
  { sql: 'ALTER TABLE notes ENABLE ROW LEVEL SECURITY', difference: 'table public.notes rowSecurity' },
  { sql: 'ALTER TABLE posts DISABLE ROW LEVEL SECURITY', difference: 'table public.posts rowSecurity' },
  { sql: 'ALTER TABLE posts FORCE ROW LEVEL SECURITY', difference: 'table public.posts forcedRowSecurity' },
  { sql: 'ALTER TABLE events DETACH PARTITION events_2025', difference: 'table public.events_2025 parents' },
  {
    sql: `CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')`,
    difference: 'table public.events_2027',
  },
  { sql: 'DROP TABLE events', difference: 'table public.events' },
  // columns
  {
    sql: 'ALTER TABLE posts ADD COLUMN extra integer UNIQUE REFERENCES users CHECK (extra > 0); CREATE INDEX ON posts (extra, user_id)',
    difference: 'column public.posts.extra',
  },
  { sql: 'ALTER TABLE users DROP COLUMN score', difference: 'column public.users.score' },
  { sql: 'ALTER TABLE notes DROP COLUMN parent', difference: 'column public.notes.parent' },
  { sql: 'ALTER TABLE users DROP COLUMN age CASCADE', difference: 'column public.users.age' },
  {
    sql: 'DROP POLICY own_posts ON posts; ALTER TABLE posts ALTER COLUMN rating TYPE bigint; CREATE POLICY own_posts ON posts FOR SELECT USING (rating >= 0)',
    difference: 'column public.posts.rating type',
  },
  {
    sql: `DROP VIEW active CASCADE; ALTER TABLE users ALTER COLUMN bio TYPE varchar(200);
    CREATE VIEW active AS SELECT id, email, feeling, bio FROM users WHERE age > 0;
    CREATE VIEW active_mails WITH (security_barrier = true) AS SELECT email FROM active`,
    difference: 'column public.users.bio type',
  },
  { sql: 'ALTER TABLE notes ALTER COLUMN id TYPE integer', difference: 'column public.notes.id type' },
  {
    sql: `ALTER TABLE notes ALTER COLUMN size DROP DEFAULT; ALTER TABLE notes ALTER COLUMN size TYPE text; ALTER TABLE notes ALTER COLUMN size SET DEFAULT 'm'`,
    difference: 'column public.notes.size type',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN score TYPE numeric(10, 4)',
    difference: 'column public.users.score type',
  },
  {
    sql: 'ALTER TABLE events ALTER COLUMN kind TYPE varchar(20)',
    difference: 'column public.events.kind type',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN code TYPE text COLLATE "default"',
    difference: 'column public.users.code collation',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN score SET DEFAULT 1',
    difference: 'column public.users.score default',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN score DROP DEFAULT',
    difference: 'column public.users.score default',
  },
  { sql: 'ALTER TABLE users ALTER COLUMN age SET DEFAULT 18', difference: 'column public.users.age default' },
  {
    sql: 'ALTER TABLE users ALTER COLUMN email DROP NOT NULL',
    difference: 'column public.users.email nullable',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
    difference: 'column public.users.name nullable',
  },
  {
    sql: 'ALTER TABLE users ADD NOT NULL name NOT VALID',
    difference: 'column public.users.name nullable',
    since: 18,
  },
  { sql: 'ALTER TABLE users ALTER COLUMN id DROP IDENTITY', difference: 'column public.users.id identity' },
  {
    sql: 'ALTER TABLE users ALTER COLUMN id SET GENERATED BY DEFAULT',
    difference: 'column public.users.id identity',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN id SET INCREMENT BY 2',
    difference: 'column public.users.id identity',
  },
  {
    sql: 'ALTER TABLE notes ALTER COLUMN id SET NOT NULL; ALTER TABLE notes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY; ALTER TABLE notes ALTER COLUMN id DROP IDENTITY, ALTER COLUMN id DROP NOT NULL, ALTER COLUMN id SET DEFAULT 7',
    difference: 'column public.notes.id default',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN initials DROP EXPRESSION',
    difference: 'column public.users.initials generated',
  },
  {
    sql: 'ALTER TABLE users ALTER COLUMN initials SET EXPRESSION AS (left(name, 3))',
    difference: 'column public.users.initials generated',
    since: 17,
  },
  {
    sql: 'ALTER TABLE users DROP COLUMN initials, ADD COLUMN initials text GENERATED ALWAYS AS (left(name, 2)) VIRTUAL',
    difference: 'column public.users.initials generated',
    since: 18,
  },
  // constraints
  {
    sql: 'ALTER TABLE notes ADD CONSTRAINT notes_key PRIMARY KEY (id, parent)',
    difference: 'constraint public.notes.notes_key',
  },
  {
    sql: 'ALTER TABLE users ADD CONSTRAINT extra CHECK (age < 200)',
    difference: 'constraint public.users.extra',
  },
  {
    sql: 'ALTER TABLE posts DROP CONSTRAINT posts_user_id_fk',
    difference: 'constraint public.posts.posts_user_id_fk',
  },
  {
    sql: 'ALTER TABLE users DROP CONSTRAINT users_email_unique',
    difference: 'constraint public.users.users_email_unique',
  },
  {
    sql: 'ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE',
    difference: 'constraint public.users.users_pkey',
  },
  {
    sql: 'ALTER TABLE users DROP CONSTRAINT users_age_check, ADD CONSTRAINT users_age_check CHECK (age >= 1)',
    difference: 'constraint public.users.users_age_check definition',
  },
  {
    sql: 'ALTER TABLE users DROP CONSTRAINT users_email_unique, ADD CONSTRAINT users_email_unique UNIQUE (email, name)',
    difference: 'constraint public.users.users_email_unique definition',
  },
  {
    sql: 'ALTER TABLE posts ALTER CONSTRAINT posts_user_id_fk DEFERRABLE INITIALLY DEFERRED',
    difference: 'constraint public.posts.posts_user_id_fk definition',
  },
  {
    sql: `ALTER TABLE posts DROP CONSTRAINT posts_user_id_fk, ADD CONSTRAINT posts_user_id_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE NOT VALID`,
    difference: 'constraint public.posts.posts_user_id_fk state',
  },
  {
    sql: 'ALTER TABLE posts ALTER CONSTRAINT posts_user_id_fk NOT ENFORCED',
    difference: 'constraint public.posts.posts_user_id_fk state',
    since: 18,
  },
  // indexes and statistics
  { sql: 'CREATE INDEX extra ON posts (title)', difference: 'index public.extra' },
  { sql: 'DROP INDEX posts_user_id_idx', difference: 'index public.posts_user_id_idx' },
  {
    sql: 'DROP INDEX users_name_idx; CREATE INDEX users_name_idx ON users (lower(name)) WHERE age > 21',
    difference: 'index public.users_name_idx definition',
  },
  {
    sql: 'DROP INDEX notes_parent_idx; CREATE UNIQUE INDEX notes_parent_idx ON notes (parent)',
    difference: 'index public.notes_parent_idx definition',
    since: 15,
  },
  {
    sql: `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'posts_user_id_idx'::regclass`,
    difference: 'index public.posts_user_id_idx valid',
  },
  { sql: 'DROP INDEX events_kind_idx', difference: 'index public.events_kind_idx' },
  { sql: 'DROP STATISTICS notes_statistics', difference: 'statistics public.notes_statistics' },
  // views
  { sql: 'CREATE VIEW extra AS SELECT 1 AS one', difference: 'view public.extra' },
  { sql: 'DROP VIEW active CASCADE', difference: 'view public.active' },
  {
    sql: 'CREATE OR REPLACE VIEW active AS SELECT id, email, feeling, bio FROM users WHERE age > 1',
    difference: 'view public.active query',
  },
  { sql: 'ALTER VIEW active_mails RESET (security_barrier)', difference: 'view public.active_mails options' },
  {
    sql: 'ALTER VIEW active SET (security_invoker = true)',
    difference: 'view public.active options',
    since: 15,
  },
  { sql: 'DROP MATERIALIZED VIEW totals', difference: 'materialized view public.totals' },
  {
    sql: 'DROP MATERIALIZED VIEW totals; CREATE MATERIALIZED VIEW totals AS SELECT user_id, max(id) AS posts FROM posts GROUP BY user_id; CREATE UNIQUE INDEX totals_user_idx ON totals (user_id)',
    difference: 'materialized view public.totals query',
  },
  // functions
  {
    sql: 'CREATE FUNCTION extra(a integer, b text) RETURNS void LANGUAGE sql AS $$ $$',
    difference: 'function public.extra(a integer, b text)',
  },
  { sql: 'DROP FUNCTION app.touch() CASCADE', difference: 'function app.touch()' },
  {
    sql: 'CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
    difference: 'function app.touch() definition',
  },
  {
    sql: 'ALTER FUNCTION app.double SECURITY DEFINER',
    difference: 'function app.double(n integer) definition',
  },
  { sql: 'ALTER FUNCTION app.double VOLATILE', difference: 'function app.double(n integer) definition' },
  {
    sql: 'DROP FUNCTION app.double; CREATE FUNCTION app.double(n integer) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN n * 2',
    difference: 'function app.double(n integer) definition',
  },
  { sql: 'DROP PROCEDURE app.tidy', difference: 'function app.tidy()' },
  { sql: 'DROP AGGREGATE app.total(integer)', difference: 'function app.total(integer)' },
  // triggers, rules, policies
  { sql: 'DROP TRIGGER posts_touch ON posts', difference: 'trigger public.posts.posts_touch' },
  {
    sql: 'CREATE TRIGGER extra AFTER INSERT ON posts EXECUTE FUNCTION app.touch()',
    difference: 'trigger public.posts.extra',
  },
  {
    sql: 'CREATE OR REPLACE TRIGGER posts_touch BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION app.touch()',
    difference: 'trigger public.posts.posts_touch definition',
  },
  {
    sql: 'ALTER TABLE posts DISABLE TRIGGER posts_touch',
    difference: 'trigger public.posts.posts_touch enabled',
  },
  { sql: 'DROP RULE keep ON notes', difference: 'rule public.notes.keep' },
  {
    sql: 'CREATE OR REPLACE RULE keep AS ON DELETE TO notes DO ALSO NOTHING',
    difference: 'rule public.notes.keep definition',
  },
  { sql: 'DROP POLICY own_posts ON posts', difference: 'policy public.posts.own_posts' },
  { sql: 'CREATE POLICY extra ON posts USING (true)', difference: 'policy public.posts.extra' },
  { sql: 'ALTER POLICY own_posts ON posts TO pg_monitor', difference: 'policy public.posts.own_posts roles' },
  {
    sql: 'ALTER POLICY own_posts ON posts USING (rating > 1)',
    difference: 'policy public.posts.own_posts using',
  },
  {
    sql: `ALTER POLICY new_posts ON posts WITH CHECK (title <> 'x')`,
    difference: 'policy public.posts.new_posts check',
  },
  {
    sql: 'DROP POLICY own_posts ON posts; CREATE POLICY own_posts ON posts FOR ALL USING (rating >= 0)',
    difference: 'policy public.posts.own_posts command',
  },
  {
    sql: 'DROP POLICY own_posts ON posts; CREATE POLICY own_posts ON posts AS RESTRICTIVE FOR SELECT USING (rating >= 0)',
    difference: 'policy public.posts.own_posts permissive',
  },
  // privileges
  {
    sql: 'GRANT SELECT ON posts TO pg_monitor',
    difference: 'privilege public.posts to pg_monitor',
    grants: true,
  },
  {
    sql: 'REVOKE SELECT ON users FROM pg_monitor',
    difference: 'privilege public.users to pg_monitor',
    grants: true,
  },
  {
    sql: 'GRANT INSERT ON users TO pg_monitor WITH GRANT OPTION',
    difference: 'privilege public.users to pg_monitor privileges',
    grants: true,
  },
  {
    sql: 'GRANT UPDATE (body) ON posts TO PUBLIC',
    difference: 'privilege public.posts.body to PUBLIC',
    grants: true,
  },
  {
    sql: 'REVOKE EXECUTE ON FUNCTION app.touch() FROM PUBLIC',
    difference: 'privilege app.touch() to PUBLIC',
    grants: true,
  },
  { sql: 'GRANT USAGE ON SCHEMA app TO pg_monitor', difference: 'privilege app to pg_monitor', grants: true },
]

/** As people change an enum that PostgreSQL cannot change. */
function rebuilt(values: string): string {
  return `DROP VIEW active_mails; DROP VIEW active;
    ALTER TYPE mood RENAME TO old; CREATE TYPE mood AS ENUM (${values});
    ALTER TABLE users ALTER feeling DROP DEFAULT, ALTER feeling TYPE mood USING feeling::text::mood,
      ALTER feelings TYPE mood[] USING feelings::text[]::mood[];
    ALTER TABLE users ALTER feeling SET DEFAULT 'ok';
    DROP TYPE old;
    CREATE VIEW active AS SELECT id, email, feeling, bio FROM users WHERE age > 0;
    CREATE VIEW active_mails WITH (security_barrier = true) AS SELECT email FROM active`
}
