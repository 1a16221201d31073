import type { Command } from '../command.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { facts } from '../platform/facts.ts'
import { withPlatform } from '../platform/platform.ts'
import { type AgentState, findAgentState } from '../platform/services/agent-states.ts'
import { getProjectWithFiles, getProjectWithLatestConversation } from '../platform/services/projects.ts'
import { uuid } from '../platform/values.ts'
import { wordsOf } from '../platform/words-of.ts'

interface ProjectShowOptions {
  readonly id: string
  readonly deleted?: boolean
}

interface ProjectShowResult {
  readonly project: Awaited<ReturnType<typeof getProjectWithFiles>> & {
    readonly agentState: AgentState | null
    readonly conversation: Awaited<ReturnType<typeof getProjectWithLatestConversation>>['conversation']
  }
}

/** Of a message in a table; the document has all of it. */
const EXCERPT = 100

export const projectShow: Command<ProjectShowOptions, ProjectShowResult> = {
  options(cli) {
    cli.argument('<id>', "the project's id", uuid).option('--deleted', 'also one that is deleted softly')
  },

  run: (context, { id, deleted }) =>
    withPlatform(context, { command: 'project show', readOnly: true }, async ({ db }) => {
      const project = await getProjectWithFiles(db, id, { deleted })
      const { conversation } = await getProjectWithLatestConversation(db, id, { deleted })
      return { project: { ...project, agentState: await findAgentState(db, id), conversation } }
    }),

  view: ({ project: { files, agentState, conversation, collectedData, ...project } }) => [
    ...facts(wordsOf(project)),
    line(`Files (${files.length})`, 'strong'),
    table(
      [
        { key: 'path', title: 'path' },
        { key: 'bytes', title: 'size', unit: 'bytes' },
        { key: 'updatedAt', title: 'updated' },
      ],
      files.map(file => ({ cells: wordsOf(file) })),
    ),
    ...phases(agentState),
    ...(conversation ? talk(conversation) : []),
  ],
}

function phases(state: AgentState | null): Block[] {
  if (!state) return []
  return [
    line(`Agent: ${state.currentState}`, 'strong'),
    table(
      [
        { key: 'phase', title: 'phase' },
        { key: 'description', title: 'description' },
        { key: 'files', title: 'files' },
        { key: 'state', title: 'state' },
      ],
      state.phases.map(({ name, description, files, completed }, index) => ({
        cells: {
          phase: name,
          description,
          files: files.length,
          state: completed ? 'completed' : index === state.currentPhase ? 'current' : 'to come',
        },
        tone: completed ? 'good' : 'dim',
      })),
    ),
  ]
}

function talk({ title, messages }: NonNullable<ProjectShowResult['project']['conversation']>): Block[] {
  return [
    line(`Latest conversation: ${title ?? 'untitled'}`, 'strong'),
    table(
      [
        { key: 'at', title: 'at' },
        { key: 'role', title: 'role' },
        { key: 'content', title: 'message' },
      ],
      messages.map(({ createdAt, role, content }) => ({
        cells: {
          at: createdAt.toISOString(),
          role,
          content: content.length > EXCERPT ? `${content.slice(0, EXCERPT)}…` : content,
        },
      })),
    ),
  ]
}
