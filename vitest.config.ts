import { configDefaults, defineConfig } from "vitest/config";

// The timeouts end a test that hangs, and are far from what one takes on a busy machine.
const integration = "**/*.integration.test.ts";

export default defineConfig({
  test: {
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
          globalSetup: ["prisma/test-cluster.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
