import { appendFile } from 'node:fs/promises'

/**
 * Tells GitHub Actions: a summary on the run's page, and outputs for the steps after this one.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export async function tellGithub(
  env: NodeJS.ProcessEnv,
  summary: string,
  outputs: Readonly<Record<string, string | number>>,
): Promise<void> {
  if (env.GITHUB_ACTIONS !== 'true') return
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`)
  if (env.GITHUB_STEP_SUMMARY) await appendFile(env.GITHUB_STEP_SUMMARY, `${summary}\n`)
  if (env.GITHUB_OUTPUT) await appendFile(env.GITHUB_OUTPUT, lines.join(''))
}
