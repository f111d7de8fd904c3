import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
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
  await expect(
    main.getByTitle("nothing has been sent to the bot server yet", { exact: true }),
  ).toBeVisible();
  await expect(page.getByTitle("no events yet: nothing has been sent")).not.toHaveCount(0);
  bot.answerWith(500);
  await accept(channel.id, 1);
  await expect.poll(() => countOf(channel.id, "failed")).toBe(1);
  await page.reload();
  await expect(main.getByText("some errors")).toBeVisible();
  await expect(main.getByText(/^failing/)).toHaveCount(0);
  const failing = { shownSince: new Date(), goodLeft: 3 };
  await database.db.endpointHealth.update({ where: { channelId: channel.id }, data: failing });
  await page.reload();
  await expect(main.getByText(/failing since \d/)).toBeVisible();
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
    if (javaScriptEnabled) await expect(toggle).toBeFocused();
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

test.describe("nobody loses their place", () => {
  test("the answer to Save stands beside it, and the focus stays where one works", async ({
    page,
  }) => {
    const channel = await newChannel({ name: "Placed", webhookRedelivery: false });
    await signIn(page, channel.admin.email, password);
    await page.setViewportSize({ width: 1280, height: 700 });
    await page.goto(`${channel.root}/basics`);
    await page.getByLabel("Channel description").fill("Rings at night.");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("main").getByText("Saved.")).toBeInViewport();

    await page.goto(`${channel.root}/messaging-api`);
    const redelivery = page.getByRole("switch", { name: "Webhook redelivery" });
    await redelivery.focus();
    await page.keyboard.press("Space");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(redelivery).toBeFocused();
    // Whoever signed in within the hour is let edit; others show first who they are.
    const edit = page.getByRole("button", { name: "Edit" });
    await edit.click();
    await expect(page.getByLabel("Webhook URL")).toBeFocused();
    await page.getByRole("button", { name: "Update" }).click();
    await expect(page.getByText("The Webhook URL was updated.")).toBeVisible();
    await expect(edit).toBeFocused();
    await expect(page.getByText("up to 6 times over about 1 minute")).toBeVisible();
    await edit.click();
    await expect(page.getByText("Starts with https:// or http://")).toBeVisible();
  });

  test("the next page begins at its list, an opened row keeps the focus, and the way back keeps the filter", async ({
    page,
  }) => {
    const channel = await newChannel({ name: "Paged", errorStatisticsAggregation: true });
    const minutes = Array.from({ length: 120 }, (_, index) => index + 1);
    await createErrors(
      database.pool,
      channel.id,
      minutes.map((ago) => makeError({ occurredAt: new Date(Date.now() - ago * 60_000) })),
    );
    await signIn(page, channel.member.email, password);
    await page.setViewportSize({ width: 1280, height: 700 });
    await page.goto(`${channel.root}/statistics/errors`);
    const row = page.getByRole("link", { name: /^Open / }).first();
    await row.focus();
    await page.keyboard.press("Enter");
    const opened = page.getByRole("link", { name: /^Close / });
    await expect(opened).toHaveAttribute("aria-expanded", "true");
    await expect(opened).toBeFocused();
    await opened.press("Enter");
    await expect(opened).toHaveCount(0);
    await page.getByRole("link", { name: "Next", exact: true }).click();
    await expect(page).toHaveURL(/after=/);
    const table = page.getByRole("table", { name: "Errors", exact: true });
    await expect(table.getByRole("row").nth(1)).toBeInViewport();

    const logged = minutes.slice(0, 60).map((ago) => {
      const acceptedAt = new Date(Date.now() - ago * 60_000);
      const ended = { state: "failed" as const, attempts: 1, finishedAt: acceptedAt };
      const id = newWebhookId(acceptedAt);
      return { id, channelId: channel.id, acceptedAt, eventCount: 1, body: "{}", ...ended };
    });
    await database.db.webhook.createMany({ data: logged });
    await page.goto(`${channel.root}/statistics/deliveries?range=7d&state=failed`);
    await page.getByRole("link", { name: "Next", exact: true }).click();
    await expect(page).toHaveURL(/after=/);
    const log = page.getByRole("table", { name: "Deliveries" });
    await expect(log.getByRole("row").nth(1)).toBeInViewport();
    await page.getByRole("link", { name: "First page" }).click();
    await expect(page).not.toHaveURL(/after=/);
    await page
      .getByRole("link", { name: /^Open the webhook of / })
      .first()
      .click();
    await expect(page.getByRole("heading", { name: "Attempts" })).toBeVisible();
    await page.getByRole("main").getByRole("link", { name: "Deliveries" }).last().click();
    await expect(page).toHaveURL(/\/deliveries\?range=7d&state=failed$/);
  });

  test("the free range fits where everything is twice as large", async ({ page }) => {
    const channel = await newChannel({ name: "Large", errorStatisticsAggregation: true });
    await signIn(page, channel.member.email, password);
    // 1280 × 800 at 200 %.
    await page.setViewportSize({ width: 640, height: 400 });
    await page.goto(`${channel.root}/statistics/errors`);
    await page.getByRole("button", { name: "Custom" }).click();
    const panel = page.getByRole("dialog");
    await expect(panel.getByRole("button", { name: "Apply" })).toBeVisible();
    await expect(panel).toBeInViewport({ ratio: 1 });
    await panel.getByRole("button", { name: "Apply" }).scrollIntoViewIfNeeded();
    await expect(panel.getByRole("button", { name: "Apply" })).toBeInViewport({ ratio: 1 });
    await expectAccessible(page);
  });
});

test("what was counted stays to be seen when errors are no longer counted, with since when", async ({
  page,
}) => {
  const channel = await newChannel({ name: "Uncounted", errorStatisticsAggregation: true });
  const occurredAt = new Date(Date.now() - 600_000);
  await createErrors(database.pool, channel.id, [
    makeError({ occurredAt, reason: "error_status_code", detail: "503", statusCode: 503 }),
    makeError({
      occurredAt,
      reason: "request_timeout",
      detail: "Request timeout",
      statusCode: null,
    }),
  ]);
  await signIn(page, channel.admin.email, password);
  const errors = `${channel.root}/statistics/errors`;
  const summary = page.getByRole("region", { name: "Summary" });
  await page.goto(`${errors}?status=none`);
  await expect(page.getByText("no status code").first()).toBeVisible();
  await expect(summary.getByText("Errors that match")).toBeVisible();
  await expect(summary.getByText(/^of 2 · /)).toBeVisible();
  await expect(summary.getByText("Failed attempts, unfiltered")).toBeVisible();
  await page.goto(`${channel.root}/messaging-api`);
  await page.getByRole("switch", { name: "Error statistics aggregation" }).click();
  await expect(
    page.getByRole("switch", { name: "Error statistics aggregation" }),
  ).not.toBeChecked();
  await page.goto(errors);
  await expect(page.getByText(/^Errors have not been counted since/)).toBeVisible();
  await expect(page.getByText("still counting")).toHaveCount(0);
  await expect(page.getByRole("table", { name: "Errors", exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "See Deliveries" }).click();
  await expect(page).toHaveURL(/\/statistics\/deliveries$/);
});
