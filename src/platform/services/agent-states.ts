import { and, eq, getTableColumns, isNull, type SQL, sql } from 'drizzle-orm'
import { type AgentMessage, agentStates, type Phase, projects } from '../schema/projects.ts'
import type { Db } from './db.ts'
import { found, notFound } from './failures.ts'

export type AgentState = typeof agentStates.$inferSelect
export type AgentStateChanges = Partial<
  Pick<AgentState, 'currentState' | 'currentPhase' | 'phases' | 'sandboxId' | 'previewUrl'>
>

/** Throws OpsError `not-found`. */
export async function getAgentState(db: Db, projectId: string): Promise<AgentState> {
  const state = await findAgentState(db, projectId)
  if (!state) throw notFound('agent state', projectId)
  return state
}

export async function findAgentState(db: Db, projectId: string): Promise<AgentState | null> {
  const [state] = await db.select().from(agentStates).where(eq(agentStates.projectId, projectId))
  return state ?? null
}

export async function upsertAgentState(
  db: Db,
  projectId: string,
  changes: AgentStateChanges,
): Promise<AgentState> {
  const rows = await db
    .insert(agentStates)
    .values({ projectId, ...changes })
    .onConflictDoUpdate({ target: agentStates.projectId, set: { ...changes, updatedAt: sql`now()` } })
    .returning()
  return found(rows, 'agent state', projectId)
}

export async function setAgentState(
  db: Db,
  projectId: string,
  currentState: string,
  currentPhase: number | null,
): Promise<void> {
  await change(db, projectId, { currentState, currentPhase })
}

export async function setSandbox(db: Db, projectId: string, sandboxId: string | null): Promise<void> {
  await change(db, projectId, { sandboxId })
}

/** A single statement, as all appends here: the row's lock lets two of them follow each other, and nothing is lost. */
export async function appendPhase(db: Db, projectId: string, phase: Phase): Promise<void> {
  await change(db, projectId, { phases: sql`${agentStates.phases} || jsonb_build_array(${json(phase)})` })
}

/** Counted from 0. Throws OpsError `not-found` where there is no such phase. */
export async function completePhase(db: Db, projectId: string, index: number): Promise<void> {
  await change(
    db,
    projectId,
    { phases: sql`jsonb_set(${agentStates.phases}, array[${String(index)}, 'completed'], 'true')` },
    sql`jsonb_array_length(${agentStates.phases}) > ${index}`,
  )
}

/** A path that is listed already is not listed twice. */
export async function addGeneratedFile(db: Db, projectId: string, path: string): Promise<void> {
  const files = agentStates.generatedFiles
  await change(db, projectId, {
    generatedFiles: sql`case when ${files} ? ${path}::text then ${files} else ${files} || to_jsonb(${path}::text) end`,
  })
}

export async function appendMessage(db: Db, projectId: string, message: AgentMessage): Promise<void> {
  await change(db, projectId, {
    conversationHistory: sql`${agentStates.conversationHistory} || jsonb_build_array(${json(message)})`,
  })
}

/** As it was when the project was made. */
export async function resetAgentState(db: Db, projectId: string): Promise<void> {
  await change(db, projectId, {
    currentState: 'idle',
    currentPhase: null,
    phases: [],
    generatedFiles: [],
    conversationHistory: [],
    sandboxId: null,
    previewUrl: null,
  })
}

/** Throws OpsError `not-found`. */
export async function deleteAgentState(db: Db, projectId: string): Promise<void> {
  const rows = await db
    .delete(agentStates)
    .where(eq(agentStates.projectId, projectId))
    .returning({ id: agentStates.id })
  found(rows, 'agent state', projectId)
}

/** The states whose last phase is completed, of projects that are not deleted. */
export async function listCompletedAgentStates(db: Db) {
  return db
    .select(getTableColumns(agentStates))
    .from(agentStates)
    .innerJoin(projects, eq(projects.id, agentStates.projectId))
    .where(and(isNull(projects.deletedAt), sql`(${agentStates.phases} -> -1 ->> 'completed')::boolean`))
    .orderBy(agentStates.projectId)
}

async function change(
  db: Db,
  projectId: string,
  changes: Parameters<ReturnType<typeof update>['set']>[0],
  condition?: SQL,
): Promise<void> {
  const rows = await update(db)
    .set(changes)
    .where(and(eq(agentStates.projectId, projectId), condition))
    .returning({ id: agentStates.id })
  found(rows, 'agent state', projectId)
}

function update(db: Db) {
  return db.update(agentStates)
}

function json(value: object): SQL {
  return sql`${JSON.stringify(value)}::jsonb`
}
