import { and, asc, eq, isNull, like, ne, or, type SQL, sql } from 'drizzle-orm'
import { nodes } from '../schema/workspaces.ts'
import type { Db } from './db.ts'
import { circular, found } from './failures.ts'
import { containing } from './pattern.ts'

export type Node = typeof nodes.$inferSelect
export type NewNode = Pick<Node, 'uuid' | 'pageName' | 'slug' | 'title'> &
  Partial<Pick<Node, 'parentUuid' | 'order' | 'html' | 'metadata'>>

const BATCH = 1000

/** By its slug, which is its path in the address. Throws OpsError `not-found`. */
export async function getPage(db: Db, workspaceId: number, slug: string): Promise<Node> {
  const rows = await db
    .select()
    .from(nodes)
    .where(and(eq(nodes.workspaceId, workspaceId), eq(nodes.slug, slug), isNull(nodes.parentUuid)))
  return found(rows, 'page', slug)
}

/** Without their content. */
export async function listPages(db: Db, workspaceId: number) {
  return db
    .select({ uuid: nodes.uuid, pageName: nodes.pageName, slug: nodes.slug, title: nodes.title })
    .from(nodes)
    .where(and(eq(nodes.workspaceId, workspaceId), isNull(nodes.parentUuid)))
    .orderBy(asc(nodes.pageName), asc(nodes.uuid))
}

/** What stands directly on a page or in a block, in order. */
export async function listBlocks(db: Db, parentUuid: string): Promise<Node[]> {
  return db
    .select()
    .from(nodes)
    .where(eq(nodes.parentUuid, parentUuid))
    .orderBy(asc(nodes.order), asc(nodes.uuid))
}

/** A node of a page's tree; the page itself has depth 0. */
export interface TreeNode {
  readonly uuid: string
  readonly parentUuid: string | null
  readonly title: string
  readonly depth: number
}

/** A page and all that hangs from it, in reading order. Deeper than `depth` is left out. */
export async function subtree(db: Db, uuid: string, depth = 100): Promise<TreeNode[]> {
  return treesFrom(db, sql`node.uuid = ${uuid}`, depth)
}

/** All pages of a workspace by name, each followed by what hangs from it, in one statement. */
export async function pageTrees(db: Db, workspaceId: number, depth: number): Promise<TreeNode[]> {
  return treesFrom(db, sql`node.workspace_id = ${workspaceId} and node.parent_uuid is null`, depth)
}

async function treesFrom(db: Db, roots: SQL, depth: number): Promise<TreeNode[]> {
  const tree = sql`(
    with recursive tree as (
      select node.uuid, node.parent_uuid, node.title, 0 as depth, array[node.page_name, node.uuid] as path
      from ${nodes} node where ${roots}
      union all
      -- the order as text of equal length, so that it sorts as a number does
      select child.uuid, child.parent_uuid, child.title, tree.depth + 1,
        tree.path || lpad((child."order"::bigint + 2147483648)::text, 10, '0') || child.uuid
      from tree join ${nodes} child on child.parent_uuid = tree.uuid
      where tree.depth < ${depth}
    )
    select * from tree
  ) tree`
  return db
    .select({
      uuid: sql<string>`tree.uuid`,
      parentUuid: sql<string | null>`tree.parent_uuid`,
      title: sql<string>`tree.title`,
      depth: sql<number>`tree.depth`,
    })
    .from(tree)
    .orderBy(sql`tree.path collate "C"`)
}

/** The blocks and pages that link to a page: by `[[its name]]`, or by an address that ends with its slug. */
export async function backlinks(db: Db, page: Pick<Node, 'uuid' | 'workspaceId' | 'pageName' | 'slug'>) {
  return db
    .select({ uuid: nodes.uuid, pageName: nodes.pageName, title: nodes.title })
    .from(nodes)
    .where(
      and(
        eq(nodes.workspaceId, page.workspaceId),
        ne(nodes.uuid, page.uuid),
        or(
          like(nodes.html, containing(`[[${page.pageName}]]`)),
          like(nodes.html, containing(`/${page.slug}"`)),
        ),
      ),
    )
    .orderBy(asc(nodes.pageName), asc(nodes.order), asc(nodes.uuid))
}

/** Adds nodes, parents before children whatever the order they come in, in one transaction. */
export async function insertNodes(db: Db, workspaceId: number, added: readonly NewNode[]): Promise<void> {
  await db.transaction(async tx => {
    for (const batch of batches(parentsFirst(added))) {
      await tx.execute(sql`
        insert into ${nodes} (uuid, workspace_id, parent_uuid, "order", page_name, slug, title, html, metadata)
        select uuid, ${workspaceId}::int, "parentUuid", coalesce("order", 0), "pageName", slug, title, html, metadata
        from json_to_recordset(${JSON.stringify(batch)}::json) as node(
          uuid text, "parentUuid" text, "order" int, "pageName" text, slug text, title text, html text, metadata json)`)
    }
  })
}

/**
 * Parents before children; a parent that is not among them stands in the database already. Throws OpsError `usage`
 * where nodes are their own ancestors.
 */
export function parentsFirst(added: readonly NewNode[]): NewNode[] {
  const children = new Map<string, NewNode[]>(added.map(({ uuid }) => [uuid, []]))
  const ordered: NewNode[] = []
  for (const node of added) (children.get(node.parentUuid ?? '') ?? ordered).push(node)
  // grows while it is walked
  for (const { uuid } of ordered) for (const child of children.get(uuid) ?? []) ordered.push(child)
  const placed = new Set(ordered)
  const circling = added.find(node => !placed.has(node))
  if (circling) throw circular(circling.uuid)
  return ordered
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH)
}
