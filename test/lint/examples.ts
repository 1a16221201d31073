import type { RuleName } from '../../src/lint/catalogue.ts'

/** One statement that a rule is against, and one that it is not. */
export interface Example {
  /** Migrations before, in one file. */
  readonly before?: string
  readonly bad: string
  readonly good: string
  /** The oldest version of PostgreSQL that takes the bad one. */
  readonly since?: number
  /** The SQLSTATE with which the bad one fails when it runs. */
  readonly fails?: string
  /** The schema that the project works in. */
  readonly home?: string
}

const USERS = `
CREATE TABLE "users" ("id" bigserial PRIMARY KEY, "email" text, "age" double precision, "made" timestamp with time zone);
INSERT INTO "users" ("email", "age") VALUES ('ada@example.com', 36), ('bob@example.com', 41);`

const POSTS = `${USERS}
CREATE TABLE "posts" ("id" bigserial PRIMARY KEY, "user_id" bigint, "title" text);
CREATE INDEX "posts_user" ON "posts" ("user_id");
INSERT INTO "posts" ("user_id", "title") VALUES (1, 'one'), (2, 'two');`

const PARTITIONED = `
CREATE TABLE "events" ("at" date NOT NULL, "kind" text) PARTITION BY RANGE ("at");
CREATE TABLE "events_2025" PARTITION OF "events" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE "events_2026" PARTITION OF "events" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO "events" VALUES ('2025-05-05', 'a'), ('2026-06-06', 'b');`

const MOOD = `CREATE TYPE "mood" AS ENUM ('sad', 'glad');
CREATE TABLE "people" ("id" bigserial PRIMARY KEY, "mood" "mood");`

/** A rule for statements each. Those about the journal and about comments have tests of their own. */
export const EXAMPLES: Readonly<Partial<Record<RuleName, Example>>> = {
  'index-not-concurrent': {
    before: USERS,
    bad: 'CREATE INDEX "users_email" ON "users" USING btree ("email");',
    good: 'CREATE TABLE "notes" ("id" bigint PRIMARY KEY, "text" text);--> statement-breakpoint\nCREATE INDEX "notes_text" ON "notes" ("text");',
  },
  'concurrently-on-partitioned': {
    before: PARTITIONED,
    bad: '-- drizzle-ops: no-transaction\nCREATE INDEX CONCURRENTLY "events_kind" ON "events" ("kind");',
    good: '-- drizzle-ops: no-transaction\nCREATE INDEX CONCURRENTLY "events_2025_kind" ON "events_2025" ("kind");',
    fails: '0A000',
  },
  'drop-index-not-concurrent': {
    before: POSTS,
    bad: 'DROP INDEX "posts_user";',
    good: '-- drizzle-ops: no-transaction\nDROP INDEX CONCURRENTLY "posts_user";',
  },
  'reindex-not-concurrent': {
    before: POSTS,
    bad: 'REINDEX TABLE "posts";',
    good: '-- drizzle-ops: no-transaction\nREINDEX TABLE CONCURRENTLY "posts";',
  },
  'concurrently-in-transaction': {
    before: USERS,
    bad: 'CREATE INDEX CONCURRENTLY "users_email" ON "users" ("email");',
    good: '-- drizzle-ops: no-transaction\nCREATE INDEX CONCURRENTLY "users_email" ON "users" ("email");',
  },
  'foreign-key-validates': {
    before: POSTS,
    bad: 'ALTER TABLE "posts" ADD CONSTRAINT "posts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;',
    good: 'ALTER TABLE "posts" ADD CONSTRAINT "posts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") NOT VALID;',
  },
  'check-validates': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD CONSTRAINT "grown" CHECK ("users"."age" > 17);',
    good: 'ALTER TABLE "users" ADD CONSTRAINT "grown" CHECK ("users"."age" > 17) NOT VALID;',
  },
  'set-not-null-scans': {
    before: USERS,
    bad: 'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL;',
    good: 'ALTER TABLE "users" ALTER COLUMN "id" SET NOT NULL;',
  },
  'unique-builds-index': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD CONSTRAINT "users_email_unique" UNIQUE NULLS NOT DISTINCT("email");',
    good: 'CREATE TABLE "tags" ("id" bigint PRIMARY KEY, "name" text, CONSTRAINT "tags_name" UNIQUE("name"));',
    since: 15,
  },
  'unique-column-builds-index': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD COLUMN "handle" text UNIQUE;',
    good: 'ALTER TABLE "users" ADD COLUMN "handle" text;',
  },
  'primary-key-builds-index': {
    before: 'CREATE TABLE "tags" ("id" bigint, "name" text NOT NULL);\nINSERT INTO "tags" VALUES (1, \'a\');',
    bad: 'ALTER TABLE "tags" ADD CONSTRAINT "tags_id_name_pk" PRIMARY KEY("id","name");',
    good: 'CREATE TABLE "labels" ("id" bigint, CONSTRAINT "labels_pk" PRIMARY KEY("id"));',
  },
  'exclusion-builds-index': {
    before: 'CREATE TABLE "stays" ("id" bigint PRIMARY KEY, "during" daterange);',
    bad: 'ALTER TABLE "stays" ADD CONSTRAINT "one_at_a_time" EXCLUDE USING gist ("during" WITH &&);',
    good: 'CREATE TABLE "nights" ("during" daterange, EXCLUDE USING gist ("during" WITH &&));',
  },
  'validate-in-transaction': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD CONSTRAINT "grown" CHECK ("age" > 17) NOT VALID;--> statement-breakpoint\nALTER TABLE "users" VALIDATE CONSTRAINT "grown";',
    good: '-- drizzle-ops: no-transaction\nALTER TABLE "users" ADD CONSTRAINT "grown" CHECK ("age" > 17) NOT VALID;--> statement-breakpoint\nALTER TABLE "users" VALIDATE CONSTRAINT "grown";',
  },
  'required-column': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD COLUMN "name" text NOT NULL;',
    good: 'ALTER TABLE "users" ADD COLUMN "name" text DEFAULT \'\' NOT NULL;',
    fails: '23502',
  },
  'volatile-default': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD COLUMN "token" uuid DEFAULT gen_random_uuid() NOT NULL;',
    good: 'ALTER TABLE "users" ADD COLUMN "seen" timestamp with time zone DEFAULT now() NOT NULL;',
  },
  'serial-column': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD COLUMN "number" serial NOT NULL;',
    good: 'ALTER TABLE "users" ADD COLUMN "number" bigint;',
  },
  'generated-column': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD COLUMN "lower_email" text GENERATED ALWAYS AS (lower("email")) STORED;',
    good: 'CREATE TABLE "boxes" ("a" numeric, "b" numeric GENERATED ALWAYS AS ("a" * 2) STORED);',
  },
  'type-change-rewrites': {
    before: 'CREATE TABLE "counters" ("n" integer);\nINSERT INTO "counters" VALUES (1);',
    bad: 'ALTER TABLE "counters" ALTER COLUMN "n" SET DATA TYPE bigint;',
    good: 'ALTER TABLE "counters" ALTER COLUMN "n" SET DEFAULT 0;',
  },
  'type-change-needs-using': {
    before: 'CREATE TABLE "counters" ("n" text);\nINSERT INTO "counters" VALUES (\'1\');',
    bad: 'ALTER TABLE "counters" ALTER COLUMN "n" SET DATA TYPE bigint;',
    good: 'ALTER TABLE "counters" ALTER COLUMN "n" SET DATA TYPE bigint USING "n"::bigint;',
    fails: '42804',
  },
  'type-change-narrows': {
    before: USERS,
    bad: 'ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE integer;',
    good: 'ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE numeric;',
  },
  'timestamp-zone-change': {
    before: 'CREATE TABLE "visits" ("at" timestamp);\nINSERT INTO "visits" VALUES (\'2026-01-01 12:00\');',
    bad: 'ALTER TABLE "visits" ALTER COLUMN "at" SET DATA TYPE timestamp with time zone;',
    good: 'ALTER TABLE "visits" ALTER COLUMN "at" SET DATA TYPE timestamp with time zone USING "at" AT TIME ZONE \'UTC\';',
  },
  'update-without-where': {
    before: USERS,
    bad: 'UPDATE "users" SET "email" = lower("email");',
    good: 'UPDATE "users" SET "email" = lower("email") WHERE "id" < 10000;',
  },
  'delete-without-where': {
    before: POSTS,
    bad: 'DELETE FROM "posts";',
    good: 'DELETE FROM "posts" WHERE "user_id" IS NULL;',
  },
  'rows-written-under-lock': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD COLUMN "name" text;--> statement-breakpoint\nUPDATE "users" SET "email" = \'\' WHERE "email" IS NULL;',
    good: 'UPDATE "users" SET "email" = \'\' WHERE "email" IS NULL;--> statement-breakpoint\nALTER TABLE "users" ADD COLUMN "name" text;',
  },
  'scan-under-lock': {
    before: `${POSTS}\nALTER TABLE "posts" ADD CONSTRAINT "titled" CHECK ("title" <> '') NOT VALID;`,
    bad: 'ALTER TABLE "users" ADD COLUMN "name" text;--> statement-breakpoint\nALTER TABLE "posts" VALIDATE CONSTRAINT "titled";',
    good: 'ALTER TABLE "posts" VALIDATE CONSTRAINT "titled";--> statement-breakpoint\nALTER TABLE "users" ADD COLUMN "name" text;',
  },
  'explicit-lock': {
    before: USERS,
    bad: 'LOCK TABLE "users" IN ACCESS EXCLUSIVE MODE;',
    good: 'LOCK TABLE "users" IN ROW SHARE MODE;',
  },
  'drop-column': {
    before: USERS,
    bad: 'ALTER TABLE "users" DROP COLUMN "age";',
    good: 'CREATE TABLE "drafts" ("a" text, "b" text);--> statement-breakpoint\nALTER TABLE "drafts" DROP COLUMN "b";',
  },
  'drop-not-null': {
    before: 'CREATE TABLE "tags" ("id" bigint PRIMARY KEY, "name" text NOT NULL);',
    bad: 'ALTER TABLE "tags" ALTER COLUMN "name" DROP NOT NULL;',
    good: 'ALTER TABLE "tags" ALTER COLUMN "name" DROP DEFAULT;',
  },
  'drop-table': {
    before: POSTS,
    bad: 'DROP TABLE "posts";',
    good: 'CREATE TABLE "drafts" ("a" text);--> statement-breakpoint\nDROP TABLE "drafts";',
  },
  'drop-schema': {
    before: 'CREATE SCHEMA "old";\nCREATE TABLE "old"."t" ("a" text);',
    bad: 'DROP SCHEMA "old" CASCADE;',
    good: 'ALTER TABLE "old"."t" SET SCHEMA "public";',
  },
  'drop-cascade': {
    before: `${POSTS}\nALTER TABLE "posts" ADD CONSTRAINT "posts_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id");\nCREATE VIEW "emails" AS SELECT "email" FROM "users";`,
    bad: '-- drizzle-ops: allow drop-table nobody signs in any more\nDROP TABLE "users" CASCADE;',
    good: '-- drizzle-ops: allow drop-table nobody posts any more\nDROP TABLE "posts" CASCADE;',
  },
  truncate: {
    before: POSTS,
    bad: 'TRUNCATE "posts";',
    good: 'DELETE FROM "posts" WHERE "id" < 10;',
  },
  'rename-table': {
    before: POSTS,
    bad: 'ALTER TABLE "posts" RENAME TO "articles";',
    good: 'ALTER TABLE "posts" RENAME TO "articles";--> statement-breakpoint\nCREATE VIEW "posts" AS SELECT * FROM "articles";',
  },
  'rename-column': {
    before: POSTS,
    bad: 'ALTER TABLE "posts" RENAME COLUMN "title" TO "headline";',
    good: 'ALTER TABLE "posts" ADD COLUMN "headline" text;',
  },
  'rename-schema': {
    before: 'CREATE SCHEMA "old";',
    bad: 'ALTER SCHEMA "old" RENAME TO "new";',
    good: 'CREATE SCHEMA "new";',
  },
  'rename-enum-value': {
    before: MOOD,
    bad: 'ALTER TYPE "public"."mood" RENAME VALUE \'glad\' TO \'happy\';',
    good: 'ALTER TYPE "public"."mood" ADD VALUE \'happy\';',
  },
  'enum-value-used': {
    before: MOOD,
    bad: 'ALTER TYPE "public"."mood" ADD VALUE \'calm\';--> statement-breakpoint\nUPDATE "people" SET "mood" = \'calm\' WHERE "mood" IS NULL;',
    good: 'CREATE TYPE "size" AS ENUM (\'small\');--> statement-breakpoint\nALTER TYPE "size" ADD VALUE \'large\';--> statement-breakpoint\nCREATE TABLE "shirts" ("size" "size" DEFAULT \'large\');',
  },
  'domain-constraint': {
    before: 'CREATE DOMAIN "name" AS text;\nCREATE TABLE "tags" ("label" "name");',
    bad: 'ALTER DOMAIN "public"."name" ADD CONSTRAINT "not_blank" CHECK (VALUE <> \'\');',
    good: 'ALTER DOMAIN "public"."name" ADD CONSTRAINT "not_blank" CHECK (VALUE <> \'\') NOT VALID;',
  },
  'vacuum-full': {
    before: USERS,
    bad: '-- drizzle-ops: no-transaction\nVACUUM FULL "users";',
    good: '-- drizzle-ops: no-transaction\nVACUUM "users";',
  },
  cluster: {
    before: USERS,
    bad: 'CLUSTER "users" USING "users_pkey";',
    good: 'ANALYZE "users";',
  },
  'refresh-not-concurrent': {
    before: `${USERS}\nCREATE MATERIALIZED VIEW "emails" AS SELECT "id", "email" FROM "users";\nCREATE UNIQUE INDEX ON "emails" ("id");`,
    bad: 'REFRESH MATERIALIZED VIEW "emails";',
    good: 'REFRESH MATERIALIZED VIEW CONCURRENTLY "emails";',
  },
  'table-rewrite': {
    before: USERS,
    bad: 'ALTER TABLE "users" SET UNLOGGED;',
    good: 'ALTER TABLE "users" SET (fillfactor = 90);',
  },
  'detach-partition': {
    before: PARTITIONED,
    bad: 'ALTER TABLE "events" DETACH PARTITION "events_2025";',
    good: '-- drizzle-ops: no-transaction\nALTER TABLE "events" DETACH PARTITION "events_2025" CONCURRENTLY;',
  },
  'attach-partition-scans': {
    before: `${PARTITIONED}\nCREATE TABLE "events_2027" ("at" date NOT NULL, "kind" text);`,
    bad: 'ALTER TABLE "events" ATTACH PARTITION "events_2027" FOR VALUES FROM (\'2027-01-01\') TO (\'2028-01-01\');',
    good: 'CREATE TABLE "events_2027" PARTITION OF "events" FOR VALUES FROM (\'2027-01-01\') TO (\'2028-01-01\');',
  },
  'timeouts-disabled': {
    bad: 'SET lock_timeout = 0;',
    good: "SET LOCAL lock_timeout = '2s';",
  },
  'statement-marker': {
    before: USERS,
    bad: `UPDATE "users" SET "email" = 'a --> statement-breakpoint b' WHERE "id" = 1;`,
    good: `UPDATE "users" SET "email" = 'a statement-breakpoint b' WHERE "id" = 1;--> statement-breakpoint\nSELECT 1;`,
    fails: '42601',
  },
  'transaction-control': {
    before: USERS,
    bad: 'COMMIT;--> statement-breakpoint\nALTER TABLE "users" ADD COLUMN "name" text;',
    good: 'SAVEPOINT "here";--> statement-breakpoint\nALTER TABLE "users" ADD COLUMN "name" text;',
  },
  'public-hard-coded': {
    before:
      'CREATE SCHEMA "tenant";\nCREATE TABLE "tenant"."users" ("id" bigint PRIMARY KEY);\nCREATE TABLE "public"."users" ("id" bigint PRIMARY KEY);',
    home: 'tenant',
    bad: 'CREATE TABLE "tenant"."posts" ("user_id" bigint PRIMARY KEY REFERENCES "public"."users"("id"));',
    good: 'CREATE TABLE "tenant"."posts" ("user_id" bigint PRIMARY KEY REFERENCES "tenant"."users"("id"));',
  },
  'identifier-too-long': {
    bad: 'CREATE TABLE "subscription_plan_feature_entitlement_overrides_by_workspace_member" ("id" bigint PRIMARY KEY);',
    good: 'CREATE TABLE "entitlement_overrides" ("id" bigint PRIMARY KEY);',
  },
  'foreign-key-without-index': {
    before: USERS,
    bad: 'CREATE TABLE "posts" ("id" bigint PRIMARY KEY, "user_id" bigint REFERENCES "users"("id"));',
    good: 'CREATE TABLE "posts" ("id" bigint PRIMARY KEY, "user_id" bigint REFERENCES "users"("id"));--> statement-breakpoint\nCREATE INDEX "posts_user" ON "posts" ("user_id");',
  },
  'small-key': {
    bad: 'CREATE TABLE "tags" ("id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tags_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1), "name" text);',
    good: 'CREATE TABLE "tags" ("id" bigserial PRIMARY KEY NOT NULL, "size" integer);',
  },
  'json-column': {
    bad: 'CREATE TABLE "settings" ("id" bigint PRIMARY KEY, "values" json DEFAULT \'{}\'::json);',
    good: 'CREATE TABLE "settings" ("id" bigint PRIMARY KEY, "values" jsonb);',
  },
  'char-column': {
    bad: 'CREATE TABLE "countries" ("code" char(2) PRIMARY KEY);',
    good: 'CREATE TABLE "countries" ("code" varchar(2) PRIMARY KEY);',
  },
  'timestamp-without-zone': {
    before: USERS,
    bad: 'ALTER TABLE "users" ADD COLUMN "at" timestamp (3) DEFAULT now();',
    good: 'ALTER TABLE "users" ADD COLUMN "at" timestamp (3) with time zone DEFAULT now();',
  },
  'drop-database': {
    bad: '-- drizzle-ops: no-transaction\nDROP DATABASE "not_there";',
    good: 'SELECT 1;',
    fails: '3D000',
  },
  'not-analysed': {
    bad: 'DO $$ BEGIN IF true THEN CREATE TABLE "t" ("a" text); END IF; END $$;',
    good: 'DO $$ BEGIN CREATE TABLE "t" ("a" text); EXCEPTION WHEN duplicate_table THEN NULL; END $$;',
  },
}
