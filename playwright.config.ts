import { defineConfig } from "@playwright/test";
import { findBrowser } from "./e2e/support/browser.ts";
import { consolePort } from "./e2e/support/ports.ts";

/** With `E2E_PART=2` only these journeys, with 1 all others: `npm test` runs both parts beside each other, by two products. */
const ofPart2 = ["access/*", "accounts", "firefox", "many-channels"].map(
  (name) => `**/e2e/${name}.spec.ts`,
);
const part = process.env.E2E_PART;
// The first visit needs an installation without accounts, so its journey goes first.
const firstVisit = { name: "first visit", testMatch: "journey.spec.ts" };
const notPart2 = part === undefined ? [] : ofPart2;
const others = { testMatch: "*.spec.ts", testIgnore: ["journey.spec.ts", ...notPart2] };

export default defineConfig({
  testDir: "e2e",
  projects:
    part === "2"
      ? [{ name: "journeys", testMatch: ofPart2 }]
      : [firstVisit, { name: "journeys", ...others }],
  outputDir: `test-results/${part ?? "all"}`,
  fullyParallel: false,
  // One product, one database: its journeys run one after the other.
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
      ...(await findBrowser({ isWhole: false })),
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
