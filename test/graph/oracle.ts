import type { Sql } from 'postgres'
import type { RandomSchema } from './random-schema.ts'

export interface Expected {
  readonly owned: Readonly<Record<string, readonly string[]>>
  readonly required: Readonly<Record<string, readonly string[]>>
  /** Whether an owned reference reaches a row of another root. */
  readonly crosses: boolean
  readonly refused: boolean
}

interface Row {
  readonly part: 'owned' | 'required' | 'crosses' | 'refused'
  readonly name: string
  readonly id: number
}

/**
 * The rule of src/graph/belonging.ts by other means than the program's: all rows in one relation, all references in
 * another, ownership spread from above (the rows of other roots, and what must be theirs) rather than walked from
 * below.
 */
export async function expectedClosure(sql: Sql, schema: RandomSchema): Promise<Expected> {
  const { cross, depth } = schema
  const references = schema.references.map(
    ({ from, to, required, cascades, own = null }, index) =>
      `(${index}, ${from}, ${to}, ${required}, ${cascades}, ${own}::boolean)`,
  )
  const edges = schema.references.map(
    ({ from, to }, index) =>
      `SELECT ${index}, ${from}, id, ${to}, r${index} FROM random.t${from} WHERE r${index} IS NOT NULL`,
  )
  const rows = await sql.unsafe<Row[]>(`
    WITH RECURSIVE reference (n, child, parent, required, cascades, own) AS (VALUES ${references.join(', ')}),
    edge (n, child, child_id, parent, parent_id) AS (${edges.join(' UNION ALL ')}),
    ancestor (child, parent) AS (
      SELECT child, parent FROM reference WHERE required
      UNION SELECT ancestor.child, reference.parent FROM ancestor JOIN reference ON reference.child = ancestor.parent AND required
    ),
    followed AS (
      SELECT * FROM reference
      WHERE coalesce(own, required OR cascades OR child = parent
         OR NOT EXISTS (SELECT FROM ancestor WHERE ancestor.child = reference.parent AND ancestor.parent = reference.child))
    ),
    domain (t) AS (SELECT 0 UNION SELECT child FROM domain JOIN followed ON followed.parent = domain.t),
    inner_reference AS (SELECT * FROM followed WHERE parent IN (SELECT t FROM domain)),
    strict (t) AS (SELECT child FROM inner_reference WHERE required),
    led (t) AS (
      SELECT 0
      UNION SELECT child FROM led JOIN inner_reference ON parent = led.t
      WHERE required OR child NOT IN (SELECT t FROM strict)
    ),
    binding AS (
      SELECT n, child, child = 0 OR bool_or(required) OVER (PARTITION BY child) AS fences FROM inner_reference
      WHERE CASE WHEN child = 0 THEN coalesce(own, cascades) ELSE required OR child NOT IN (SELECT t FROM strict INTERSECT SELECT t FROM led) END
    ),
    asked (id) AS (SELECT unnest(ARRAY[${schema.roots.join(', ')}])),
    hanging (t, id) AS (
      SELECT 0, id FROM asked
      UNION
      SELECT edge.child, edge.child_id FROM hanging
      JOIN edge ON edge.parent = hanging.t AND edge.parent_id = hanging.id
      JOIN binding ON binding.n = edge.n
    ),
    foreigner (t, id) AS (
      SELECT 0, id FROM random.t0
      WHERE id NOT IN (SELECT id FROM asked)
        AND (0, id) NOT IN (SELECT t, id FROM hanging)
      UNION
      SELECT edge.child, edge.child_id FROM foreigner
      JOIN edge ON edge.parent = foreigner.t AND edge.parent_id = foreigner.id
      JOIN binding ON binding.n = edge.n
      WHERE (fences OR ${cross !== 'null'} OR (edge.child, edge.child_id) NOT IN (SELECT t, id FROM hanging))
        AND NOT (edge.child = 0 AND edge.child_id IN (SELECT id FROM asked))
    ),
    found (t, id, step) AS (
      SELECT 0, id, 0 FROM asked
      UNION
      SELECT edge.child, edge.child_id, CASE WHEN ${depth ?? 'NULL'} IS NULL THEN 0 ELSE step + 1 END FROM found
      JOIN edge ON edge.parent = found.t AND edge.parent_id = found.id
      WHERE edge.n IN (SELECT n FROM inner_reference)
        AND (${depth ?? 'NULL'} IS NULL OR step < ${depth ?? 'NULL'})
        AND (edge.child, edge.child_id) NOT IN (SELECT t, id FROM foreigner)
    ),
    owned AS (SELECT DISTINCT t, id FROM found),
    crossing (t, id, required) AS (
      SELECT DISTINCT edge.child, edge.child_id, required FROM found
      JOIN edge ON edge.parent = found.t AND edge.parent_id = found.id
      JOIN inner_reference ON inner_reference.n = edge.n
      WHERE (${depth ?? 'NULL'} IS NULL OR step < ${depth ?? 'NULL'})
        AND (edge.child, edge.child_id) IN (SELECT t, id FROM foreigner)
    ),
    needed (t, id) AS (
      (SELECT t, id FROM owned UNION SELECT t, id FROM crossing WHERE ${cross === 'embed'})
      UNION
      SELECT edge.parent, edge.parent_id FROM needed
      JOIN edge ON edge.child = needed.t AND edge.child_id = needed.id
      JOIN reference ON reference.n = edge.n AND reference.required
    )
    SELECT 'owned' AS part, 't' || t AS name, id FROM owned
    UNION ALL
    SELECT 'required', 't' || t, id FROM needed WHERE (t, id) NOT IN (SELECT t, id FROM owned)
    UNION ALL
    SELECT DISTINCT 'crosses', '', 0 FROM crossing
    UNION ALL
    SELECT DISTINCT 'refused', '', 0 FROM crossing WHERE ${cross === 'error'} OR required AND ${cross === 'null'}
    ORDER BY 1, 2, 3`)
  const of = (part: Row['part']) => {
    const found: Record<string, string[]> = {}
    for (const row of rows.filter(each => each.part === part)) {
      const ids = found[row.name] ?? []
      found[row.name] = ids
      ids.push(String(row.id))
    }
    return found
  }
  return {
    owned: of('owned'),
    required: of('required'),
    crosses: rows.some(({ part }) => part === 'crosses'),
    refused: rows.some(({ part }) => part === 'refused'),
  }
}
