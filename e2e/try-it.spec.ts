import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { lineSignature } from "#lib/webhooks/signature.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { startTruthBotServer, type TruthBotServer } from "./servers/truth-bot-server.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";

let database: Database;
let bot: TruthBotServer;
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  bot = await startTruthBotServer();
});
test.afterAll(async () => {
  await bot.close();
  await database.close();
});
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});

/** The Messaging API tab of a channel whose bot server is ours, for its Admin. */
async function openTab(page: Page) {
  const channel = await createChannel(database.db, {
    name: "Try it",
    webhookUrl: bot.url,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const admin = await createUser(database.db, { name: "Ada Admin", password });
  await createMember(database.db, channel.id, { userId: admin.id, role: "admin" });
  await signIn(page, admin.email, password);
  await page.goto(`/console/channel/${channel.id}/messaging-api`);
  return channel;
}

test("a sample event of a chosen type reaches the bot server signed, and is counted nowhere", async ({
  page,
}) => {
  const { id, secret } = await openTab(page);
  bot.decide = () => 500;
  await page.getByLabel("Sample event").selectOption("Postback");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByText("error_status_code")).toBeVisible();
  bot.decide = () => 200;
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByText("The bot server answered 200")).toBeVisible();
  await expectAccessible(page);

  expect(bot.arrivals.length).toBe(2);
  for (const { body, signature } of bot.arrivals) {
    expect(JSON.parse(body).events).toMatchObject([
      { type: "postback", postback: { data: "sample=1" }, replyToken: "0".repeat(32) },
    ]);
    expect(signature).toBe(lineSignature(secret, Buffer.from(body)));
  }
  const { db } = database;
  const where = { channelId: id };
  expect(await db.webhook.count({ where })).toBe(0);
  expect(await db.webhookError.count({ where })).toBe(0);
  const entries = await db.auditEntry.findMany({
    where: { channelId: id, action: "webhook_verified" },
    select: { after: true },
    take: 10,
  });
  expect(entries).toEqual([
    { after: { webhookUrl: bot.url, sample: "postback" } },
    { after: { webhookUrl: bot.url, sample: "postback" } },
  ]);
  expect(complaints).toEqual([]);
});

test("a signature is found right, or is told how it came about, and what was pasted stays", async ({
  page,
}) => {
  const { secret } = await openTab(page);
  const body = '{"destination":"U1","events":[{"type":"follow","n":1}]}';
  const check = async (signature: string) => {
    await page.getByLabel("Signature", { exact: true }).fill(signature);
    await page.getByRole("button", { name: "Check" }).click();
  };
  await page.getByLabel("Request body").fill(body);
  await check(lineSignature(secret, Buffer.from(body)));
  await expect(page.getByText("The signature is right for this body")).toBeVisible();
  await check(lineSignature(`${secret}\n`, Buffer.from(JSON.stringify(JSON.parse(body), null, 2))));
  await expect(page.getByText(/with indentation/)).toBeVisible();
  await expect(page.getByText(/has a space, a newline or quotes around it/)).toBeVisible();
  await expectAccessible(page);
  await check("bm90IGEgc2lnbmF0dXJl");
  await expect(page.getByText("This signature does not belong to this body")).toBeVisible();
  await expect(page.getByLabel("Request body")).toHaveValue(body);
  expect(await page.content()).not.toContain(secret);
  expect(complaints).toEqual([]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("both work", async ({ page }) => {
    const { secret } = await openTab(page);
    bot.decide = () => 200;
    await page.getByLabel("Sample event").selectOption("Follow");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(page.getByText("The bot server answered 200")).toBeVisible();
    await page.getByLabel("Request body").fill("{}");
    await page
      .getByLabel("Signature", { exact: true })
      .fill(lineSignature(secret, Buffer.from("{}")));
    await page.getByRole("button", { name: "Check" }).click();
    await expect(page.getByText("The signature is right for this body")).toBeVisible();
  });
});
