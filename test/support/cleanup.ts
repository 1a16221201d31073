import { afterAll, onTestFinished } from 'vitest'

type Action = () => Promise<void>

const actions: Action[] = []

// Registered while the test file imports this, and so on the file itself.
afterAll(async () => {
  for (const action of actions.toReversed()) await action()
})

/** Runs `action` when the current file ends, the latest first. */
export function afterFile(action: Action) {
  actions.push(action)
}

/** Runs `action` when the current test ends; outside of a test, when the file does. */
export function afterTest(action: Action) {
  try {
    onTestFinished(action)
  } catch {
    // Vitest throws where there is no test, such as in a beforeAll.
    afterFile(action)
  }
}
