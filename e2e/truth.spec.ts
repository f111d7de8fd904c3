import { expect, test } from "@playwright/test";
import { type Database, openDatabase } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { startTestMailServer, type TestMailServer } from "./support/mail-server.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { botPort, smtpPort } from "./support/ports.ts";

// What the console says at a glance is true, and what cannot be undone is asked first.

const password = "correct horse battery";
let database: Database;
let bot: TestBotServer;
let mailServer: TestMailServer;
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  bot = await startTestBotServer(botPort);
  mailServer = await startTestMailServer(smtpPort);
});
test.afterAll(async () => {
  await bot.stop();
  await mailServer.stop();
  await database.close();
});
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});
test.afterEach(() => expect(complaints).toEqual([]));

/** A channel with its Admin and a Member. */
async function newChannel(overrides: Parameters<typeof createChannel>[1] = {}) {
  const channel = await createChannel(database.db, {
    ...{ webhookUrl: `http://127.0.0.1:${botPort}/webhook`, useWebhook: true },
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    ...overrides,
  });
  bot.expectSecret(channel.secret);
  const [admin, member] = await Promise.all([
    createUser(database.db, { name: "Ada Admin", password }),
    createUser(database.db, { name: "Mo Member", password }),
  ]);
  await createMember(database.db, channel.id, { userId: admin.id, role: "admin" });
  await createMember(database.db, channel.id, { userId: member.id, role: "member" });
  const root = `/console/channel/${channel.id}`;
  return { ...channel, admin, member, root };
}

const accept = (channelId: string, count: number) =>
  acceptWebhooks(
    database.pool,
    Array.from({ length: count }, () => ({
      ...{ channelId, events: ['{"type":"follow"}'], idempotencyKey: null },
    })),
  );

const countOf = (channelId: string, state: "delivered" | "failed" | "stopped" | "cancelled") =>
  database.db.webhook.count({ where: { channelId, state } });

test("the Errors page says why no email comes, leads to the cause, and says when the next one comes", async ({
  page,
}) => {
  const channel = await newChannel({ name: "Night bell", errorStatisticsAggregation: true });
  await createErrors(database.pool, channel.id, [makeError({ occurredAt: new Date() })]);
  const errors = `${channel.root}/statistics/errors`;
  const summary = page.getByRole("region", { name: "Summary" });
  await signIn(page, channel.admin.email, password);
  await page.goto(errors);
  await expect(summary.getByText("not applied for")).toBeVisible();
  await expectAccessible(page);
  await summary.getByRole("link", { name: /until an application is approved/ }).click();
  await expect(page).toHaveURL(/\/notifications#function$/);
  await expect(page.getByRole("heading", { name: "Error notification" })).toBeInViewport();

  await approveNotification(database.db, channel.id);
  bot.answerWith(500);
  await accept(channel.id, 1);
  const mails = { where: { channelId: channel.id, state: "sent" as const } };
  await expect.poll(() => database.db.mail.count(mails)).toBeGreaterThan(0);
  await accept(channel.id, 1);
  await page.goto(errors);
  await expect(summary.getByText(/^sent \d\d:\d\d$/)).toBeVisible();
  await expect(summary.getByRole("link", { name: /^to 2 people/ })).toBeVisible();
  await page.goto(`${channel.root}/notifications`);
  await expect(page.getByText("Right now:")).toBeVisible();

  // A Member may not go where addresses stand.
  await page.context().clearCookies();
  await signIn(page, channel.member.email, password);
  await page.goto(errors);
  await expect(summary.getByText(/to 2 people/)).toBeVisible();
  await expect(summary.getByRole("link")).toHaveCount(0);
});

test("a channel that never got an event says so, and one failure among deliveries does not turn it red", async ({
  page,
}) => {
  const channel = await newChannel({ name: "Quiet bell" });
  await signIn(page, channel.admin.email, password);
  await page.goto(`${channel.root}/basics`);
  const main = page.getByRole("main");
  await expect(main.getByText("no events yet")).toBeVisible();
  await expect(main.getByTitle("nothing has been sent to the bot server yet")).toBeVisible();
  await expect(page.getByTitle("no events yet: nothing has been sent")).not.toHaveCount(0);
  bot.answerWith(500);
  await accept(channel.id, 1);
  await expect.poll(() => countOf(channel.id, "failed")).toBe(1);
  await page.reload();
  await expect(main.getByText("some errors")).toBeVisible();
  await expect(main.getByText(/failing/)).toHaveCount(0);
  const failing = { shownSince: new Date(), goodLeft: 3 };
  await database.db.endpointHealth.update({ where: { channelId: channel.id }, data: failing });
  await page.reload();
  await expect(main.getByText(/^failing since/)).toBeVisible();
  await expectAccessible(page);
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  test(`turning Use webhook off asks first and says how many webhooks it cancels, ${how}`, async ({
    browser,
  }) => {
    const channel = await newChannel({ name: "Switched", webhookRedelivery: true });
    bot.answerWith(500);
    await accept(channel.id, 3);
    const waiting = () => database.db.queuedWebhook.count({ where: { channelId: channel.id } });
    const due = new Date(Date.now() + 3_600_000);
    const tried = { channelId: channel.id, failures: { gt: 0 } };
    await expect
      .poll(() => database.db.queuedWebhook.count({ where: { ...tried, lease: null } }))
      .toBe(3);
    await database.db.queuedWebhook.updateMany({ where: tried, data: { dueAt: due } });
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    await signIn(page, channel.admin.email, password);
    await page.goto(`${channel.root}/messaging-api`);
    const toggle = page.getByRole("switch", { name: "Use webhook" });
    await toggle.click();
    await expect(page.getByText("3 waiting webhooks will be cancelled.")).toBeVisible();
    await expect(toggle).toBeChecked();
    expect(await waiting()).toBe(3);
    if (javaScriptEnabled) await expectAccessible(page);
    await page.getByRole("button", { name: "Turn off and cancel them" }).click();
    await expect(page.getByText("3 waiting webhooks were cancelled.")).toBeVisible();
    await expect(toggle).not.toBeChecked();
    expect(await waiting()).toBe(0);
    await context.close();
  });
}

test("a job leaves delivered webhooks out unless they are ticked, and ends with counts that lead to their lists", async ({
  page,
}) => {
  const channel = await newChannel({ name: "Counted" });
  bot.answerWith(200);
  await accept(channel.id, 2);
  await expect.poll(() => countOf(channel.id, "delivered")).toBe(2);
  bot.answerWith(500);
  await accept(channel.id, 3);
  await expect.poll(() => countOf(channel.id, "failed")).toBe(3);
  await signIn(page, channel.member.email, password);
  const deliveries = `${channel.root}/statistics/deliveries`;
  await page.goto(deliveries);
  await page.getByRole("link", { name: "Redeliver all that match" }).click();
  await expect(page.getByRole("definition").filter({ hasText: /^3$/ })).toBeVisible();
  await expect(page.getByLabel("Also redeliver 2 webhooks that were delivered")).not.toBeChecked();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Start redelivering" }).click();
  const jobs = page.getByRole("region", { name: "Redelivery jobs" });
  await expect(jobs.getByText("Done")).toBeVisible();
  await expect(jobs.getByText("3 webhooks queued")).toBeVisible();
  await expect(jobs.getByRole("link", { name: "3 sent" })).toBeVisible();
  await expect(jobs.getByText("0 delivered")).toBeVisible();
  await expectAccessible(page);
  await jobs.getByRole("link", { name: "3 failed" }).click();
  const rows = page.getByRole("table", { name: "Deliveries" }).getByRole("row");
  await expect(rows.filter({ hasText: "Failed" })).toHaveCount(3);
  await expect(page.getByText("failed in a redelivery job").first()).toBeVisible();

  // Only these, once the bot is mended.
  bot.answerWith(200);
  await page.getByRole("link", { name: "Redeliver all that match" }).click();
  await page.getByRole("button", { name: "Start redelivering" }).click();
  await expect(jobs.getByRole("link", { name: "3 delivered" })).toBeVisible();
  await expect(rows.filter({ hasText: "Delivered" })).toHaveCount(3);

  // Nothing but delivered ones is left: they are sent only when that is said.
  await page.goto(deliveries);
  await page.getByRole("link", { name: "Redeliver all that match" }).click();
  const tick = page.getByLabel("Also redeliver 5 webhooks that were delivered");
  await page.getByRole("button", { name: "Start redelivering" }).click();
  await expect(tick).toBeFocused();
  await tick.check();
  await page.getByRole("button", { name: "Start redelivering" }).click();
  await expect(jobs.getByRole("link", { name: "5 delivered" })).toBeVisible();
});
