import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

// Most integration tests wait for sockets and processes: one more at a time than there are cores takes less time.
const maxWorkers = availableParallelism() + 1;
// The timeouts end a test that hangs, and are far from what one takes on a busy machine.
const integration = "**/*.integration.test.ts";

export default defineConfig({
  test: {
    maxWorkers,
    // The files of one worker share its modules, which are then loaded, compiled and warm: half of a unit test's processor time
    // and a third of an integration test's. A file leaves nothing behind that another would find: clocks are real again, servers
    // and databases closed, and no module of the product keeps what it learned of one database for the next.
    isolate: false,
    projects: [
      {
        test: {
          name: "unit",
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
