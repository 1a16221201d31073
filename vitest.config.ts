import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/bench/**', 'test/chaos/**', 'test/fixtures/**', 'test/runtimes/**'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    // Vitest's default leaves one core free, which is half of a machine that has two.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // a second, Vitest's own, is little for a busy machine; who waits for what comes waits no longer than it takes
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default'],
    watch: false,
  },
})
