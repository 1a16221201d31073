CREATE SCHEMA app;
CREATE SCHEMA billing;
CREATE EXTENSION citext;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE size AS ENUM ('s', 'm', 'l');
CREATE TYPE app.address AS (street text, city text);
CREATE DOMAIN positive AS integer DEFAULT 1 CONSTRAINT positive_check CHECK (VALUE > 0);
CREATE SEQUENCE ticket START WITH 10 INCREMENT BY 5;
CREATE TABLE users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  name text,
  age integer,
  score numeric(8, 2) DEFAULT 0,
  feeling mood NOT NULL DEFAULT 'ok',
  feelings mood[],
  nick citext,
  code text COLLATE "C",
  bio text DEFAULT 'none',
  initials text GENERATED ALWAYS AS (left(name, 2)) STORED,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT users_email_unique UNIQUE (email),
  CONSTRAINT users_age_check CHECK (age >= 0 AND bio <> '')
);
CREATE TABLE posts (
  id serial PRIMARY KEY,
  user_id integer NOT NULL,
  title varchar(100) NOT NULL,
  body text,
  rating integer NOT NULL DEFAULT 0,
  CONSTRAINT posts_user_id_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE app."Odd names" (
  "order" integer,
  "user's ""thing""" text
);
CREATE TABLE notes (id bigint, parent bigint, body text, size size DEFAULT 'm', home app.address);
CREATE TABLE billing.invoices (id integer PRIMARY KEY, total positive);
CREATE INDEX posts_user_id_idx ON posts (user_id);
CREATE INDEX users_name_idx ON users (lower(name)) WHERE age > 18;
CREATE UNIQUE INDEX notes_parent_idx ON notes (parent) NULLS NOT DISTINCT;
CREATE STATISTICS notes_statistics ON id, parent FROM notes;
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX events_kind_idx ON events (kind);
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.body := trim(NEW.body); RETURN NEW; END $$;
CREATE FUNCTION app.double(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n * 2;
CREATE PROCEDURE app.tidy() LANGUAGE sql AS 'DELETE FROM public.posts WHERE rating < 0';
CREATE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE TRIGGER posts_touch BEFORE UPDATE OF body ON posts FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE RULE keep AS ON DELETE TO notes DO INSTEAD NOTHING;
CREATE VIEW active AS SELECT id, email, feeling, bio FROM users WHERE age > 0;
CREATE VIEW active_mails WITH (security_barrier = true) AS SELECT email FROM active;
CREATE MATERIALIZED VIEW totals AS SELECT user_id, count(*) AS posts FROM posts GROUP BY user_id;
CREATE UNIQUE INDEX totals_user_idx ON totals (user_id);
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_posts ON posts FOR SELECT TO PUBLIC USING (rating >= 0);
CREATE POLICY new_posts ON posts FOR INSERT WITH CHECK (title <> '');
GRANT SELECT ON users TO pg_monitor;
