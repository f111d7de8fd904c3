import { defineConfig } from "@playwright/test";
import { findBrowser } from "./e2e/support/browser.ts";
import { consolePort } from "./e2e/support/ports.ts";

export default defineConfig({
  testDir: "e2e",
  // The first visit needs an installation without accounts, so its journey goes first.
  projects: [
    { name: "first visit", testMatch: "journey.spec.ts" },
    { name: "journeys", testMatch: "*.spec.ts", testIgnore: "journey.spec.ts" },
  ],
  outputDir: "test-results",
  fullyParallel: false,
  // One product, one database: the journeys run one after the other.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // These end what hangs; the first request of a page on a busy machine takes many seconds.
  timeout: 600_000,
  expect: { timeout: 90_000 },
  reporter: [["list"], ["./e2e/support/summary-reporter.ts"]],
  globalSetup: "./e2e/support/product-set-up.ts",
  use: {
    baseURL: `http://localhost:${consolePort}`,
    locale: "en-US",
    timezoneId: "Asia/Tokyo",
    // A recording of every step costs a fifth of the time; `--trace on` records the one journey that is looked at.
    trace: "off",
    screenshot: "only-on-failure",
    actionTimeout: 90_000,
    launchOptions: {
      ...(await findBrowser()),
      args: [
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-gpu",
      ],
    },
  },
});
