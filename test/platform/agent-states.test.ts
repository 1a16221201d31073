import { describe, expect, it } from 'vitest'
import {
  addGeneratedFile,
  appendMessage,
  appendPhase,
  completePhase,
  deleteAgentState,
  getAgentState,
  listCompletedAgentStates,
  resetAgentState,
  setAgentState,
  setSandbox,
  upsertAgentState,
} from '../../src/platform/services/agent-states.ts'
import { deleteProject } from '../../src/platform/services/project-removal.ts'
import { platformDatabase, userWithProject } from '../support/platform.ts'
import { majors } from '../support/shared-servers.ts'

const phase = (name: string) => ({ name, description: '', files: [], isLastPhase: false, completed: false })
const message = (content: string) => ({
  role: 'user' as const,
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
})

describe.each(majors())('agent states on PostgreSQL %i', major => {
  it('advance phase by phase', async () => {
    const { db } = await platformDatabase(major)
    const {
      project: { id },
    } = await userWithProject(db)
    await setAgentState(db, id, 'planning', 0)
    await appendPhase(db, id, phase('plan'))
    await appendPhase(db, id, phase("build'); drop table users; --"))
    await completePhase(db, id, 0)
    expect(await listCompletedAgentStates(db)).toEqual([])
    await completePhase(db, id, 1)
    await setSandbox(db, id, 'sandbox-1')
    await addGeneratedFile(db, id, 'a.ts')
    await addGeneratedFile(db, id, 'a.ts')
    await appendMessage(db, id, message('hello'))
    expect(await getAgentState(db, id)).toMatchObject({
      currentState: 'planning',
      currentPhase: 0,
      sandboxId: 'sandbox-1',
      phases: [
        { ...phase('plan'), completed: true },
        { ...phase("build'); drop table users; --"), completed: true },
      ],
      generatedFiles: ['a.ts'],
      conversationHistory: [message('hello')],
    })
    expect(await listCompletedAgentStates(db)).toMatchObject([{ projectId: id }])
    await expect(completePhase(db, id, 2)).rejects.toMatchObject({ code: 'not-found' })
    expect(await upsertAgentState(db, id, { currentState: 'done' })).toMatchObject({
      currentState: 'done',
      currentPhase: 0,
    })
    await deleteProject(db, id)
    expect(await listCompletedAgentStates(db)).toEqual([])
    await resetAgentState(db, id)
    expect(await getAgentState(db, id)).toMatchObject({ currentState: 'idle', phases: [], sandboxId: null })
    await deleteAgentState(db, id)
    await expect(getAgentState(db, id)).rejects.toMatchObject({
      code: 'not-found',
      message: `There is no agent state ${id}.`,
    })
    expect(await upsertAgentState(db, id, { phases: [phase('again')] })).toMatchObject({
      phases: [phase('again')],
    })
  })

  it('lose nothing of what 50 append at once', async () => {
    const { db } = await platformDatabase(major)
    const {
      project: { id },
    } = await userWithProject(db)
    const fifty = Array.from({ length: 50 }, (_, n) => `${n}`)
    await Promise.all(
      fifty.flatMap(n => [
        appendMessage(db, id, message(n)),
        addGeneratedFile(db, id, `${Number(n) % 10}.ts`),
      ]),
    )
    const { conversationHistory, generatedFiles } = await getAgentState(db, id)
    expect(conversationHistory.map(({ content }) => content).sort()).toEqual(fifty.toSorted())
    expect(generatedFiles.toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `${n}.ts`))
  })
})
