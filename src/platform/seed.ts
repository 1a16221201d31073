import type { OpsConfig } from '../config.ts'
import type * as schema from './schema/index.ts'

type Seed = NonNullable<OpsConfig<typeof schema>['seed']>

const DAY = 86_400_000
/** Nodes are laid out over the workspaces by arithmetic: each has as many. */
const WORKSPACES = 8

const APPS = ['Recipe box', 'Invoice tracker', 'Field notes', 'Club roster', 'Habit journal', 'Tool library']
const FILES = [
  [
    'src/app/layout.tsx',
    'export default function Layout({ children }) {\n  return <main>{children}</main>\n}\n',
  ],
  ['src/app/page.tsx', "import { List } from '../components/List'\n\nexport default () => <List />\n"],
  [
    'src/components/List.tsx',
    'export function List({ items = [] }) {\n  return <ul>{items.map(item => <li key={item.id}>{item.name}</li>)}</ul>\n}\n',
  ],
  [
    'src/db/schema.ts',
    "import { pgTable, text, uuid } from 'drizzle-orm/pg-core'\n\nexport const items = pgTable('items', {\n  id: uuid('id').primaryKey().defaultRandom(),\n  name: text('name').notNull(),\n})\n",
  ],
  [
    'src/lib/fetch.ts',
    'export async function load(path: string) {\n  const answer = await fetch(path)\n  if (!answer.ok) throw new Error(answer.statusText)\n  return answer.json()\n}\n',
  ],
  ['package.json', '{\n  "private": true,\n  "scripts": { "dev": "next dev", "build": "next build" }\n}\n'],
  ['README.md', '# Made with the platform\n\nRun `npm run dev`.\n'],
  ['styles/globals.css', 'body {\n  margin: 0;\n  font-family: system-ui;\n}\n'],
] as const
const PHASES = [
  ['Foundation', 'Layout, styles and configuration'],
  ['Data', 'Schema, migrations and queries'],
  ['Screens', 'Pages and components'],
  ['Polish', 'Errors, empty states and tests'],
] as const
/** A workspace has a third of them. */
const PAGES = [
  ...['Home', 'Roadmap', 'Journal', 'Reading list', 'Meeting notes', 'Ideas'],
  ...['Start', 'Recipes', 'Travel', 'Budget', 'Contacts', 'Archive'],
  ...['Welcome', 'Research', 'Experiments', 'Glossary', 'Releases', 'Questions'],
]
const PAGES_EACH = PAGES.length / 3
const KINDS = ['Notes on', 'Plan for', 'Questions about', 'Costs of', 'Photos of', 'Sources on', 'Draft for']
const TOPICS = [
  ...['the garden', 'the move', 'the spring release', 'our summer trip', 'the search page', 'the workshop'],
  ...['the book club', 'sign-in', 'the kitchen', 'the interviews', 'the new logo'],
]

const of = <T>(list: readonly T[], row: number): T => list[row % list.length] as T
const ago = (now: Date, days: number) => new Date(now.getTime() - days * DAY)

/** Of four phases, so many are done: none to all, project by project. */
const phasesDone = (row: number) => row % (PHASES.length + 1)

function phases(row: number) {
  return PHASES.map(([name, description], at) => ({
    name,
    description,
    files: FILES.slice(at * 2, at * 2 + 2).map(([path]) => ({ path, purpose: description })),
    isLastPhase: at === PHASES.length - 1,
    completed: at < phasesDone(row),
  }))
}

function history(row: number, now: Date) {
  const begun = ago(now, 3 + (row % 30)).getTime()
  return [
    { role: 'system', content: 'You build web applications in phases.' },
    { role: 'user', content: `Build me a ${of(APPS, row).toLowerCase()}.` },
    ...PHASES.slice(0, phasesDone(row)).map(([name]) => ({
      role: 'assistant',
      content: `Phase ${name} is done.`,
    })),
  ].map((message, at) => ({ ...message, timestamp: new Date(begun + at * 60_000).toISOString() }))
}

/** Where a node stands: its workspace, and its place in the tree there, a heap of three children each. */
const treeOf = (row: number) => ({ workspace: row % WORKSPACES, place: Math.floor(row / WORKSPACES) })
const nodeId = (workspace: number, place: number) => `ws${workspace + 1}-node${place}`
/** The first of a workspace's nodes are pages, which have no parent. */
const isPage = (place: number) => place < PAGES_EACH
const parentOf = (place: number) => (isPage(place) ? undefined : Math.floor((place - PAGES_EACH) / 3))
const pageOf = (workspace: number, place: number): string => {
  const parent = parentOf(place)
  return parent === undefined ? of(PAGES, workspace * PAGES_EACH + place) : pageOf(workspace, parent)
}
/** As many of them as the product of kinds and topics differ. */
const titleOf = (workspace: number, place: number) =>
  isPage(place)
    ? pageOf(workspace, place)
    : `${of(KINDS, workspace + place)} ${of(TOPICS, workspace + place)}`
const pageOfRow = (row: number) => pageOf(treeOf(row).workspace, treeOf(row).place)
const slugOf = (text: string) => text.toLowerCase().replaceAll(' ', '-')

/** What `seed` makes of the platform's tables where no `--rows` says otherwise. */
export const platformSeed: Seed = {
  rows: {
    users: 24,
    sessions: 90,
    accounts: 30,
    verifications: 20,
    projects: 60,
    project_files: 60 * FILES.length,
    agent_states: 60,
    conversations: 120,
    messages: 900,
    artifacts: 90,
    audit_logs: 400,
    workspaces: WORKSPACES,
    nodes: WORKSPACES * 60,
    git_repositories: 6,
    deployment_history: 60,
  },
  columns: {
    'users.metadata': row => ({
      preferences: { theme: of(['dark', 'light'], row), editor: { tabSize: of([2, 4], row) } },
      lastDevice: { name: of(['Laptop', 'Phone'], row), platform: of(['linux', 'ios', 'macos'], row) },
    }),
    'users.deleted_at': (row, { now }) => (row % 12 === 11 ? ago(now, 20) : null),
    // before all that they have made
    'users.created_at': (row, { now }) => ago(now, 500 + row * 7),
    'sessions.status': row => of(['active', 'active', 'active', 'expired', 'revoked'], row),
    'sessions.expires_at': (row, { now }) => ago(now, row % 5 === 3 ? 2 + row : -14),
    'sessions.last_active_at': (row, { now }) => ago(now, row % 7 === 6 ? 45 : (row % 20) / 4),
    'verifications.expires_at': (row, { now }) => ago(now, row % 2 === 0 ? 1 + row : -1),
    'projects.name': row => `${of(APPS, row)} ${Math.floor(row / APPS.length) + 1}`,
    'projects.description': row =>
      `A ${of(APPS, row).toLowerCase()} for a small team, with sign-in and search.`,
    'projects.status': row =>
      of(['draft', 'generating', 'active', 'active', 'complete', 'failed', 'idle'], row),
    'projects.collected_data': row => ({
      actors: [{ name: 'Member', role: 'user', goals: ['find things quickly'] }],
      useCases: [
        { id: `uc-${row}`, name: 'Search', actor: 'Member', description: 'Finds an entry by its name.' },
      ],
      boundaries: { internal: ['accounts'], external: ['mail'] },
      entities: [{ name: 'Entry', attributes: ['name', 'createdAt'], relationships: ['belongs to Member'] }],
    }),
    'projects.created_at': (row, { now }) => ago(now, 421 + row),
    'projects.updated_at': (row, { now }) => ago(now, row % 30),
    'projects.deleted_at': (row, { now }) => (row % 10 === 9 ? ago(now, row % 20 === 19 ? 40 : 5) : null),
    // unlike any other, whichever project gets it
    'project_files.path': row => `features/${Math.floor(row / FILES.length)}/${of(FILES, row)[0]}`,
    'project_files.content': row => of(FILES, row)[1],
    'agent_states.current_state': row =>
      of(['idle', 'generating', 'generating', 'reviewing', 'complete'], phasesDone(row)),
    'agent_states.current_phase': row =>
      phasesDone(row) === 0 ? null : Math.min(phasesDone(row), PHASES.length - 1),
    'agent_states.phases': phases,
    'agent_states.generated_files': row => FILES.slice(0, phasesDone(row) * 2).map(([path]) => path),
    'agent_states.conversation_history': (row, { now }) => history(row, now),
    'artifacts.type': ['plan', 'diagram', 'preview'],
    'audit_logs.action': ['project.create', 'project.update', 'project.transfer', 'session.revoke'],
    'audit_logs.table_name': 'projects',
    'audit_logs.changes': row => ({ status: { from: 'idle', to: of(['active', 'complete'], row) } }),
    'audit_logs.created_at': (row, { now }) => ago(now, row % 20 === 0 ? 420 : row / 2),
    'nodes.uuid': row => nodeId(treeOf(row).workspace, treeOf(row).place),
    'nodes.workspace_id': row => treeOf(row).workspace + 1,
    'nodes.parent_uuid': row => {
      const { workspace, place } = treeOf(row)
      const parent = parentOf(place)
      return parent === undefined ? null : nodeId(workspace, parent)
    },
    'nodes.order': row => {
      const { place } = treeOf(row)
      return isPage(place) ? place : (place - PAGES_EACH) % 3
    },
    'nodes.page_name': pageOfRow,
    'nodes.slug': row => slugOf(pageOfRow(row)),
    'nodes.title': row => titleOf(treeOf(row).workspace, treeOf(row).place),
    'nodes.html': row => {
      const { workspace, place } = treeOf(row)
      const next = pageOf(workspace, (place + 1) % PAGES_EACH)
      return `<p>See <a href="/${slugOf(next)}">[[${next}]]</a>.</p>`
    },
    'nodes.metadata': row => ({
      tags: [of(['work', 'home', 'later'], row)],
      properties: { done: row % 3 === 0 },
    }),
    'git_repositories.repo_url': row => `https://git.example.com/notes/${row + 1}.git`,
    'deployment_history.build_log': row => ['install', 'build', of(['done', 'error: exit 1'], row)],
  },
}
