import { expect, type Page } from "@playwright/test";
import type { ParsedMail } from "mailparser";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { toWallTime } from "#lib/time/wall-time.ts";
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
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { botPort, smtpPort } from "./support/ports.ts";
import { postEvents } from "./support/post-events.ts";

const password = "correct horse battery";
const zone = "Australia/Lord_Howe";

let bot: TestBotServer;
let mailServer: TestMailServer;
let database: Database;
let channelId: string;
let admin: string;
let platformKey: string;
const complaints: string[] = [];

test.beforeAll(async () => {
  bot = await startTestBotServer(botPort);
  mailServer = await startTestMailServer(smtpPort);
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  const secret = "fedcba9876543210fedcba9876543210";
  const channel = await createChannel(db, {
    ...{ name: "Night desk", email: "night-desk@example.com" },
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
    ...{ useWebhook: true, errorStatisticsAggregation: true, secret },
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  channelId = channel.id;
  const user = await createUser(db, { name: "Nora Night", password, timeZone: zone });
  admin = user.email;
  await createMember(db, channelId, { userId: user.id });
  await approveNotification(db, channelId);
  platformKey = (await createPlatformKey(db, testActor, { name: "Night" })).key;
});
test.afterAll(async () => {
  await bot.stop();
  await mailServer.stop();
  await database.close();
});
test.beforeEach(({ page }) => gatherComplaints(page, complaints));

/** The clock on the wall so many hours from the database's now: whenever this runs, hours lie around it or beside it. */
async function clockIn(hours: number): Promise<string> {
  const now = await databaseTime(database.db);
  return toWallTime(new Date(now.getTime() + hours * 3_600_000), zone).slice(11);
}

const mailsTo = (address: string): ParsedMail[] =>
  mailServer.mails.filter((mail) => [mail.to].flat()[0]?.value[0]?.address === address);

async function setHours(page: Page, from: string, to: string): Promise<void> {
  await page.goto("/console/profile/basics");
  const form = page.getByRole("form", { name: "Quiet hours" });
  await form.getByRole("checkbox", { name: "No error emails in these hours" }).check();
  await form.getByLabel("From").fill(from);
  await form.getByLabel("To", { exact: true }).fill(to);
  // Redeliveries of this product fail three times within seconds, which is an outage.
  await form
    .getByRole("checkbox", { name: "Still email at once when nothing is delivered" })
    .uncheck();
  await form.getByRole("button", { name: "Save quiet hours" }).click();
}

test("errors in quiet hours are held, and the pages say so; once the hours are others, they come in one email", async ({
  page,
}) => {
  await signIn(page, admin, password);
  await page.goto("/console/profile/basics");
  await expect(page.getByText(`In your time zone, ${zone}.`)).toBeVisible();
  await expectAccessible(page);

  // Hours of no length are refused in words, and what was typed stays.
  const same = await clockIn(1);
  await setHours(page, same, same);
  await expect(page.getByText("quiet hours cannot end at the time they begin")).toBeVisible();
  await expect(page.getByLabel("From")).toHaveValue(same);
  const outages = page.getByRole("checkbox", {
    name: "Still email at once when nothing is delivered",
  });
  await expect(outages).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: "Mon" })).toBeChecked();

  const [from, to] = [await clockIn(-3), await clockIn(6)];
  await setHours(page, from, to);
  await expect(page.getByRole("form", { name: "Quiet hours" }).getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("From")).toHaveValue(from);
  await expect(page.getByLabel("To", { exact: true })).toHaveValue(to);
  await expect(outages).not.toBeChecked();

  // The channel's own address is told at once: by that it is known that the errors were decided about.
  bot.answerWith(500);
  await postEvents(platformKey, channelId, 2);
  await expect.poll(() => mailsTo("night-desk@example.com").length).toBeGreaterThan(0);
  const held = () =>
    database.db.notice.count({
      where: { channelId, addressKey: admin, NOT: { lookAgainAt: null } },
    });
  await expect.poll(held).toBeGreaterThan(0);
  expect(await database.db.mail.count({ where: { recipient: admin } })).toBe(0);
  expect(mailsTo(admin)).toEqual([]);

  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  const line = new RegExp(`held until (\\d\\d-\\d\\d )?${to}: quiet hours of 1 person`);
  await expect(page.getByText(line).first()).toBeVisible();
  await page.goto(`/console/channel/${channelId}/notifications`);
  await expect(page.getByText(line)).toBeVisible();
  await expect(page.getByText("Held", { exact: true }).first()).toBeVisible();
  await expect(
    page.getByText(new RegExp(`^until (\\d\\d-\\d\\d )?${to}: quiet hours$`)).first(),
  ).toBeVisible();
  await expect(page.getByText(`Your quiet hours: ${from}–${to} (${zone}).`)).toBeVisible();
  await expectAccessible(page);
  expect(await database.db.mail.count({ where: { recipient: admin } })).toBe(0);

  // It works again, so that nothing but what was held is left to tell.
  bot.answerWith(200);
  const waiting = async () =>
    (await database.pool.query("select from webhook_queue where channel_id = $1", [channelId]))
      .rowCount;
  await expect.poll(waiting).toBe(0);
  await setHours(page, await clockIn(2), await clockIn(4));
  await expect(page.getByRole("form", { name: "Quiet hours" }).getByText("Saved.")).toBeVisible();
  await expect.poll(() => mailsTo(admin).length).toBeGreaterThan(0);
  expect(mailsTo(admin)[0]?.subject).toMatch(/^Messaging API: /);
  expect(mailsTo(admin)[0]?.text).toContain("Night desk");
  await page.goto(`/console/channel/${channelId}/notifications`);
  await expect(page.getByText(line)).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("an Admin sets the hours of the channel's address, with a zone of its own, and the audit log says so", async ({
  page,
}) => {
  await signIn(page, admin, password);
  await page.goto(`/console/channel/${channelId}/notifications`);
  await page.locator("summary").filter({ hasText: "Quiet hours: none" }).click();
  const form = page.getByRole("form", { name: "Quiet hours" });
  await form.getByRole("checkbox", { name: "No error emails in these hours" }).check();
  await form.getByLabel("From").fill("21:30");
  await form.getByLabel("To", { exact: true }).fill("06:15");
  await form.getByLabel("Time zone").selectOption("America/Havana");
  await form.getByRole("checkbox", { name: "Sun" }).uncheck();
  await form.getByRole("button", { name: "Save quiet hours" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  const summary = "Quiet hours: 21:30–06:15 (America/Havana), Mon, Tue, Wed, Thu, Fri, Sat";
  await expect(page.getByText(summary)).toBeVisible();
  await page.goto(`/console/channel/${channelId}/audit`);
  const log = page.getByRole("table");
  await expect(log.getByText("Quiet hours of the channel’s address changed")).toBeVisible();
  await expect(log.getByText("21:30–06:15")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("without a script the hours are saved, refused and turned off just the same", async ({
  browser,
}) => {
  const user = await createUser(database.db, { password, timeZone: zone });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, user.email, password);
  await setHours(page, "22:00", "22:00");
  await expect(page.getByText("quiet hours cannot end at the time they begin")).toBeVisible();
  await expect(page.getByLabel("From")).toHaveValue("22:00");
  await setHours(page, "22:00", "06:30");
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.goto("/console/profile/basics");
  await expect(page.getByLabel("To", { exact: true })).toHaveValue("06:30");
  const box = page.getByRole("checkbox", { name: "No error emails in these hours" });
  await expect(box).toBeChecked();
  await box.uncheck();
  await page.getByRole("button", { name: "Save quiet hours" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.goto("/console/profile/basics");
  await expect(box).not.toBeChecked();
  expect(await database.db.quietHours.count({ where: { userId: user.id } })).toBe(0);
  await context.close();
});
