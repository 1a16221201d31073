-- One row for each fact about what the user schemas hold. An empty search_path makes all names qualified.
WITH schemas AS (
  SELECT * FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relations AS (
  SELECT c.*, c.oid::regclass AS name FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
), types AS (
  SELECT t.*, t.oid::regtype AS name FROM pg_type t JOIN schemas s ON s.oid = t.typnamespace
), routines AS (
  SELECT p.*, p.oid::regprocedure AS name FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace
)

-- Every kind of object has a line here; those below say more about the usual ones.
SELECT format('object %s %s', o.type, o.identity) AS fact
FROM pg_depend d
JOIN schemas s ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = s.oid
CROSS JOIN pg_identify_object(d.classid, d.objid, d.objsubid) o

UNION ALL
SELECT format('schema %I owner %s', nspname, nspowner::regrole)
FROM schemas

UNION ALL
SELECT format('extension %I %s in %s', extname, extversion, extnamespace::regnamespace)
FROM pg_extension

UNION ALL
SELECT format(
  'relation %s kind=%s persistence=%s owner=%s method=%s options=%s security=%s,%s replica=%s partition=%s,%s populated=%s',
  r.name, relkind, relpersistence, relowner::regrole, amname, reloptions, relrowsecurity, relforcerowsecurity,
  relreplident, pg_get_partkeydef(r.oid), pg_get_expr(relpartbound, r.oid), relispopulated
)
FROM relations r
LEFT JOIN pg_am am ON am.oid = r.relam

UNION ALL
SELECT format('parent %s %s of %s', inhseqno, inhrelid::regclass, inhparent::regclass)
FROM pg_inherits
JOIN relations r ON r.oid = inhrelid

UNION ALL
SELECT format(
  'column %s %s %I %s null=%s collation=%s identity=%s generated=%s default=%s storage=%s%s statistics=%s options=%s local=%s',
  r.name, lpad(row_number() OVER (PARTITION BY r.oid ORDER BY attnum)::text, 4, '0'), attname,
  format_type(atttypid, atttypmod), NOT attnotnull, nullif(attcollation, 0)::regcollation, attidentity, attgenerated,
  pg_get_expr(adbin, adrelid), attstorage, attcompression, nullif(attstattarget, -1), attoptions, attislocal
)
FROM pg_attribute a
JOIN relations r ON r.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'i'

UNION ALL
SELECT format(
  'constraint %s %I %s validated=%s local=%s',
  CASE WHEN conrelid <> 0 THEN conrelid::regclass::text ELSE contypid::regtype::text END, conname,
  pg_get_constraintdef(c.oid), convalidated, conislocal
)
FROM pg_constraint c
JOIN schemas s ON s.oid = connamespace

UNION ALL
SELECT format(
  'index %s valid=%s ready=%s clustered=%s replica=%s',
  pg_get_indexdef(indexrelid), indisvalid, indisready, indisclustered, indisreplident
)
FROM pg_index
JOIN relations r ON r.oid = indexrelid

UNION ALL
SELECT format(
  'sequence %s %s start=%s increment=%s min=%s max=%s cache=%s cycle=%s owner=%s',
  r.name, seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle,
  (SELECT pg_describe_object(refclassid, refobjid, refobjsubid) FROM pg_depend
   WHERE classid = 'pg_class'::regclass AND objid = r.oid AND deptype IN ('a', 'i'))
)
FROM pg_sequence
JOIN relations r ON r.oid = seqrelid

UNION ALL
SELECT format(
  'type %s kind=%s base=%s null=%s collation=%s default=%s owner=%s labels=%s range=%s',
  t.name, typtype, CASE WHEN typtype = 'd' THEN format_type(typbasetype, typtypmod) END, NOT typnotnull,
  nullif(typcollation, 0)::regcollation, typdefault, typowner::regrole,
  (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
  (SELECT format('%s %s %s', rngsubtype::regtype, rngcanonical, rngsubdiff) FROM pg_range WHERE rngtypid = t.oid)
)
FROM types t

UNION ALL
SELECT format('view %s %s', name, pg_get_viewdef(oid))
FROM relations
WHERE relkind IN ('v', 'm')

UNION ALL
SELECT format('rule %s enabled=%s', pg_get_ruledef(w.oid), ev_enabled)
FROM pg_rewrite w
JOIN relations r ON r.oid = ev_class
WHERE rulename <> '_RETURN'

UNION ALL
SELECT format('routine %s owner=%s %s', name, proowner::regrole, pg_get_functiondef(oid))
FROM routines
WHERE prokind <> 'a'

UNION ALL
SELECT format(
  'aggregate %s returns=%s step=%s state=%s final=%s initial=%s',
  name, prorettype::regtype, aggtransfn, aggtranstype::regtype, aggfinalfn, agginitval
)
FROM pg_aggregate
JOIN routines ON oid = aggfnoid

UNION ALL
SELECT format('trigger %s enabled=%s', pg_get_triggerdef(t.oid), tgenabled)
FROM pg_trigger t
JOIN relations r ON r.oid = tgrelid
WHERE NOT tgisinternal

-- The triggers of a foreign key have numbers in their names; only that one was switched off is worth a line.
UNION ALL
SELECT format('trigger of constraint %I on %s enabled=%s', conname, r.name, tgenabled)
FROM pg_trigger t
JOIN relations r ON r.oid = tgrelid
JOIN pg_constraint c ON c.oid = tgconstraint
WHERE tgisinternal AND tgenabled <> 'O'

UNION ALL
SELECT format(
  'policy %s %I for=%s permissive=%s to=%s using=%s check=%s',
  r.name, polname, polcmd, polpermissive,
  (SELECT array_agg(CASE WHEN role = 0 THEN 'public' ELSE role::regrole::text END ORDER BY role::regrole::text)
   FROM unnest(polroles) role),
  pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
)
FROM pg_policy
JOIN relations r ON r.oid = polrelid

UNION ALL
SELECT format('statistics %s', pg_get_statisticsobjdef(x.oid))
FROM pg_statistic_ext x
JOIN schemas s ON s.oid = stxnamespace

-- Numbers from 16384 on are given to what users create; the schema public is older.
UNION ALL
SELECT format('comment on %s %s: %s', o.type, o.identity, description)
FROM pg_description
CROSS JOIN pg_identify_object(classoid, objoid, objsubid) o
WHERE objoid >= 16384 OR (classoid = 'pg_namespace'::regclass AND o.identity = 'public')

UNION ALL
SELECT format('privilege on %s: %s', p.object, privilege)
FROM (
  SELECT 'schema ' || oid::regnamespace, coalesce(nspacl, acldefault('n', nspowner)) FROM schemas
  UNION ALL
  SELECT 'relation ' || name, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
  FROM relations WHERE relkind <> 'i'
  UNION ALL
  SELECT 'column ' || name || '.' || attname, attacl FROM pg_attribute JOIN relations r ON r.oid = attrelid
  UNION ALL
  SELECT 'routine ' || name, coalesce(proacl, acldefault('f', proowner)) FROM routines
  UNION ALL
  SELECT 'type ' || name, coalesce(typacl, acldefault('T', typowner)) FROM types
  UNION ALL
  SELECT format('new %s of %s in %s', defaclobjtype, defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace),
    defaclacl
  FROM pg_default_acl
) AS p (object, privileges)
CROSS JOIN unnest(p.privileges) privilege
