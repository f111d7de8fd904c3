import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { expectAccessible, gatherComplaints, signIn, untilAlive } from "./support/page-checks.ts";
import { botPort } from "./support/ports.ts";

const password = "correct horse battery";

let database: Database;
let bot: TestBotServer;
let channelId: string;
const complaints: string[] = [];
const people = { admin: "", member: "" };

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  bot = await startTestBotServer(botPort);
  const channel = await createChannel(database.db, {
    name: "Ways",
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
    useWebhook: true,
    errorStatisticsAggregation: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  channelId = channel.id;
  for (const role of ["admin", "member"] as const) {
    const user = await createUser(database.db, { name: `Walt ${role}`, password });
    await createMember(database.db, channelId, { userId: user.id, role });
    people[role] = user.email;
  }
});
test.afterAll(async () => {
  await bot.stop();
  await database.close();
});
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});

/** Failed, delivered, failed: accepted one after the other. */
async function failAround(page: Page): Promise<void> {
  for (const status of [500, 200, 500]) {
    bot.answerWith(status);
    const before = await database.db.webhook.count({ where: { channelId } });
    await acceptWebhooks(database.pool, [
      { channelId, events: ['{"type":"follow"}'], idempotencyKey: null },
    ]);
    await expect.poll(() => database.db.webhook.count({ where: { channelId } })).toBe(before + 1);
  }
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
}

const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

test("from one failed webhook to the next, to an attempt by its link, with what it takes along", async ({
  page,
}) => {
  await signIn(page, people.member, password);
  await failAround(page);
  await page.goto(`/console/channel/${channelId}/statistics/deliveries?state=failed`);
  await page
    .getByRole("link", { name: /^Open the webhook of / })
    .first()
    .click();
  const neighbours = page.getByRole("navigation", { name: "Webhooks next to this one" });
  await expect(neighbours.getByRole("link", { name: "Older" })).toBeVisible();
  await expect(neighbours.getByRole("link", { name: "Newer" })).toHaveCount(0);
  await expect(page).toHaveURL(/\/deliveries\/[0-9a-f-]{36}\?list=/);
  const newest = page.url();
  // Past the delivered one between them.
  await neighbours.getByRole("link", { name: "Older" }).click();
  await expect(neighbours.getByRole("link", { name: "Older" })).toHaveCount(0);
  await expect(page.getByText(/^The first attempt failed at/)).toBeVisible();
  await neighbours.getByRole("link", { name: "Newer" }).click();
  await expect(page).toHaveURL(newest);

  await page.getByRole("button", { name: "Copy Webhook ID" }).click();
  await expect(page.getByText("Copied", { exact: true })).toBeAttached();
  const { pathname } = new URL(page.url());
  expect(await copied(page)).toBe(pathname.split("/").at(-1));
  await page.getByRole("button", { name: "Copy Request body" }).click();
  await expect.poll(() => copied(page)).toMatch(/^\{"destination":.*"type":"follow"/);
  await page.getByRole("button", { name: "Copy link to attempt 1" }).click();
  await expect.poll(() => copied(page)).toContain("?attempt=1#attempt-1");
  await page.goto(await copied(page));
  await expect(page.locator("#attempt-1")).toHaveAttribute("aria-current", "true");
  await expect(page.getByText("error_status_code")).toBeInViewport();
  await expectAccessible(page);
  await page.setViewportSize({ width: 375, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);

  // How long ago, and when exactly, by keyboard.
  const ago = page.getByRole("button", { name: /just now|ago$/ });
  await ago.focus();
  await expect(page.getByRole("tooltip")).toHaveText(/\d\d:\d\d:\d\d UTC\+9/);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("tooltip")).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("the attempt that one reads stays open when the next one comes", async ({ page }) => {
  await signIn(page, people.member, password);
  bot.answerWith(500);
  const [accepted] = await acceptWebhooks(database.pool, [
    { channelId, events: ['{"type":"unfollow"}'], idempotencyKey: null },
  ]);
  const { webhookId = "" } = accepted as { webhookId?: string };
  await expect.poll(() => database.db.webhook.count({ where: { id: webhookId } })).toBe(1);
  await page.goto(`/console/channel/${channelId}/statistics/deliveries/${webhookId}`);
  await expect(page.locator("#attempt-1")).toHaveAttribute("open", "");
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  const redeliver = page.getByRole("button", { name: "Redeliver", exact: true });
  await untilAlive(redeliver);
  await redeliver.click();
  await expect(page.getByText("1 webhook is being redelivered.")).toBeVisible();
  await expect(page.locator("#attempt-2")).toBeVisible();
  await expect(page.locator("#attempt-1")).toHaveAttribute("open", "");
  // A page that was loaded anew would open what it opens at first.
  expect(await page.evaluate(() => "isSamePage" in window)).toBe(true);
  expect(complaints).toEqual([]);
});

test("a change of the URL is marked in the chart and named below it, with who did it for Admins only", async ({
  browser,
}) => {
  await database.db.auditEntry.create({
    data: {
      ...{ channelId, action: "webhook_url_set", result: "done", actorKind: "user" },
      ...{ actorName: "Walt admin", after: { webhookUrl: "https://other.example.com/hook" } },
    },
  });
  for (const role of ["admin", "member"] as const) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, people[role], password);
    await page.goto(`/console/channel/${channelId}/statistics/errors?range=1h`);
    // While the page streams in, its parts stand hidden a second time.
    const chart = page.getByRole("region", { name: "Errors by reason" });
    const summary = chart.getByText("One change of settings in this range");
    await expect(summary).toBeVisible();
    await summary.press("Enter");
    await expect(chart.getByText("Webhook URL changed")).toBeVisible();
    const counts = role === "admin" ? 1 : 0;
    await expect(page.getByText("Walt admin").and(page.locator("li *"))).toHaveCount(counts);
    await expect(page.getByText("to https://other.example.com/hook")).toHaveCount(counts);
    await expect(page.locator(".recharts-reference-line")).toHaveCount(1);
    await expectAccessible(page);
    await context.close();
  }
});

test("a menu that was pressed before its scripts came opens once they are there", async ({
  page,
}) => {
  await signIn(page, people.member, password);
  let release: () => void = () => undefined;
  const held = new Promise<void>((settle) => {
    release = settle;
  });
  await page.route("**/_next/static/**/*.js", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`/console/channel/${channelId}/statistics/errors`, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Other formats" }).click();
  await expect(page.getByRole("menu")).toHaveCount(0);
  release();
  await expect(page.getByRole("menu")).toBeVisible();
  expect(complaints).toEqual([]);
});
