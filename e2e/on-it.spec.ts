import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
  testActor,
} from "#testing/factories.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { startTestMailServer, type TestMailServer } from "./support/mail-server.ts";
import { gatherComplaints, signIn } from "./support/page-checks.ts";
import { botPort, smtpPort } from "./support/ports.ts";
import { postEvents } from "./support/post-events.ts";

const password = "correct horse battery";
const address = "on-it-desk@example.com";
let bot: TestBotServer;
let mailServer: TestMailServer;
let database: Database;
let channelId: string;
let platformKey: string;
let aiko: string;
const complaints: string[] = [];

test.beforeAll(async () => {
  bot = await startTestBotServer(botPort);
  mailServer = await startTestMailServer(smtpPort);
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  const secret = "0123456789abcdef0123456789abcdef";
  bot.expectSecret(secret);
  const channel = await createChannel(db, {
    ...{ name: "On it bot", email: address, secret, useWebhook: true },
    ...{ webhookUrl: `http://127.0.0.1:${botPort}/webhook`, errorStatisticsAggregation: true },
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  channelId = channel.id;
  await approveNotification(db, channelId);
  const user = await createUser(db, { name: "Aiko", password });
  await createMember(db, channelId, { userId: user.id });
  aiko = user.email;
  platformKey = (await createPlatformKey(db, testActor, { name: "On it" })).key;
});
test.afterAll(async () => {
  await bot.stop();
  await mailServer.stop();
  await database.close();
});
test.beforeEach(({ page }) => gatherComplaints(page, complaints));
test.afterEach(() => expect(complaints).toEqual([]));

/** The texts of the error mails to the channel's address, oldest first. */
const texts = () =>
  mailServer.mails
    .filter((mail) => JSON.stringify(mail.to).includes(address))
    .map((mail) => mail.text ?? "");

test("whoever says that they are on a problem is named in the next mail about it", async ({
  page,
}) => {
  bot.answerWith(503);
  await postEvents(platformKey, channelId, 1);
  await expect.poll(() => texts().length).toBe(1);
  expect(texts()[0]).not.toContain("has been on");

  await signIn(page, aiko, password);
  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  const problem = page
    .getByRole("region", { name: "Problems" })
    .getByRole("listitem")
    .filter({ hasText: "503" });
  await problem.getByRole("button", { name: /I am on it/ }).click();
  await expect(problem).toContainText("Aiko has been on it since");

  // The last mail was an hour and more ago.
  await database.db.telling.updateMany({
    where: { channelId },
    data: { lastToldAt: new Date(Date.now() - 2 * 3_600_000) },
  });
  await postEvents(platformKey, channelId, 1);
  await expect.poll(() => texts().length).toBe(2);
  expect(texts()[1]).toContain("This is a reminder");
  expect(texts()[1]).toMatch(/Aiko has been on “503” since .* UTC/);

  // The tab shows it as its readers see it.
  await page.goto(`/console/channel/${channelId}/notifications`);
  await page.getByRole("link", { name: address }).filter({ visible: true }).first().click();
  const frame = page.frameLocator('iframe[title="The email as its recipient sees it"]');
  await expect(frame.getByText("Aiko has been on “503” since")).toBeVisible();
});
