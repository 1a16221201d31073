import { OpsError } from '../../src/errors.ts'

/** The error for people that `work` throws or rejects with. Any other outcome fails the test. */
export async function thrown(work: () => unknown): Promise<OpsError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof OpsError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}
