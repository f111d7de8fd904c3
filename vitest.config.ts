import { configDefaults, defineConfig } from "vitest/config";

const integration = "**/*.integration.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [...configDefaults.exclude, integration, ".next/**", ".data/**"],
        },
      },
      {
        test: {
          name: "integration",
          include: [integration],
          exclude: [...configDefaults.exclude, ".next/**", ".data/**"],
          globalSetup: ["prisma/test-cluster.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
