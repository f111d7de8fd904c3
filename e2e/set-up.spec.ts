import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { botPort } from "./support/ports.ts";

const password = "correct horse battery";

let database: Database;
let bot: TestBotServer;
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  bot = await startTestBotServer(botPort);
});
test.afterAll(async () => {
  await bot.stop();
  await database.close();
});
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});

/** The Messaging API tab of a channel that was just made, for its Admin. */
async function openNew(page: Page) {
  const channel = await createChannel(database.db, {
    name: "Newcomer",
    showsSetUp: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const admin = await createUser(database.db, { name: "Nora Admin", password });
  await createMember(database.db, channel.id, { userId: admin.id, role: "admin" });
  await signIn(page, admin.email, password);
  await page.goto(`/console/channel/${channel.id}/messaging-api`);
  return channel.id;
}

const list = (page: Page) => page.getByRole("region", { name: "Set up this channel" });
const line = (page: Page, text: string) =>
  list(page).getByRole("listitem").filter({ hasText: text });

test("a new channel's list checks itself: URL, Verify, switches, the first event, who is told", async ({
  page,
}) => {
  const id = await openNew(page);
  await expect(list(page).getByText("0 of 7 done")).toBeVisible();
  await expect(line(page, "Set the URL first.")).toBeVisible();
  await expectAccessible(page);

  await page.getByLabel("Webhook URL").fill(`http://127.0.0.1:${botPort}/webhook`);
  await page.getByRole("button", { name: "Update" }).click();
  await expect(list(page).getByText("1 of 7 done")).toBeVisible();

  // A check that fails is none.
  bot.answerWith(500);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("error_status_code")).toBeVisible();
  await expect(line(page, "Send a signed request")).toBeVisible();
  bot.answerWith(200);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(line(page, "accepted a signed request")).toBeVisible();

  await line(page, "Nothing is sent until").getByRole("link", { name: "Turn it on" }).click();
  await expect(page).toHaveURL(/#switch-useWebhook$/);
  await page.getByRole("switch", { name: "Use webhook" }).click();
  await expect(line(page, "No webhook has come yet.")).toBeVisible();
  await page.getByRole("switch", { name: "Webhook redelivery" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Turn on" }).click();
  await page.getByRole("switch", { name: "Error statistics aggregation" }).click();
  await expect(list(page).getByText("5 of 7 done")).toBeVisible();

  // A real event shows by itself, with nobody pressing anything.
  await acceptWebhooks(database.pool, [
    { channelId: id, events: ['{"type":"message"}'], idempotencyKey: null },
  ]);
  await expect(line(page, "A webhook was delivered.")).toBeVisible();
  await page.setViewportSize({ width: 375, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
  await expectAccessible(page);
  await line(page, "Who is told").getByRole("link", { name: "See Notifications" }).click();
  await expect(page).toHaveURL(/\/notifications$/);

  await page.goto(`/console/channel/${id}/messaging-api`);
  await list(page).getByRole("button", { name: "Hide this list" }).click();
  await expect(list(page)).toHaveCount(0);
  expect(
    await database.db.auditEntry.count({ where: { channelId: id, action: "set_up_dismissed" } }),
  ).toBe(1);
  expect(complaints).toEqual([]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the list says what is so, leads there and goes", async ({ page }) => {
    await openNew(page);
    await expect(list(page).getByText("0 of 7 done")).toBeVisible();
    await page.getByLabel("Webhook URL").fill(`http://127.0.0.1:${botPort}/webhook`);
    await page.getByRole("button", { name: "Update" }).click();
    await expect(list(page).getByText("1 of 7 done")).toBeVisible();
    await page.getByRole("button", { name: "Verify" }).click();
    await expect(list(page).getByText("2 of 7 done")).toBeVisible();
    await list(page).getByRole("button", { name: "Hide this list" }).click();
    await expect(list(page)).toHaveCount(0);
  });
});
