import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

// Most integration tests wait for sockets and processes: one more at a time than there are cores takes less time.
const maxWorkers = availableParallelism() + 1;
// The files of one worker share its modules, which are then loaded, compiled and warm. So a file puts back what it changes, and what
// a module of the product remembers hangs on the database or the key that it was learned of.
const isolate = false;
// The timeouts end a test that hangs, and are far from what one takes on a busy machine.
const integration = "**/*.integration.test.ts";

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        test: {
          name: "unit",
          isolate,
          include: ["**/*.test.ts"],
          exclude: [...configDefaults.exclude, integration, ".next/**", ".data/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "integration",
          isolate,
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
