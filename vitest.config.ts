import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

// Most integration tests wait for sockets and processes: one more at a time than there are cores takes less time.
const maxWorkers = availableParallelism() + 1;
// The timeouts end a test that hangs, and are far from what one takes on a busy machine.
const integration = "**/*.integration.test.ts";

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        test: {
          name: "unit",
          // The files of one worker share its modules, which are then loaded, compiled and warm: half of the processor time.
          // Integration tests keep theirs apart: what a module learned of one database must not decide a test of another.
          isolate: false,
          include: ["**/*.test.ts"],
          exclude: [...configDefaults.exclude, integration, ".next/**", ".data/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "integration",
          include: [integration],
          exclude: [...configDefaults.exclude, ".next/**", ".data/**"],
          globalSetup: ["testing/test-cluster.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
