import { readFile } from "node:fs/promises";
import { validateSignature } from "@line/bot-sdk";
import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { expectAccessible, gatherComplaints, shown, signIn } from "./support/page-checks.ts";
import { botPort } from "./support/ports.ts";

const password = "correct horse battery";

let database: Database;
let bot: TestBotServer;
let channelId: string;
let secret: string;
let botUserId: string;
const people = { member: "", tester: "" };
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  bot = await startTestBotServer(botPort);
  const channel = await createChannel(database.db, {
    name: "Box office",
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
    useWebhook: true,
    errorStatisticsAggregation: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  ({ id: channelId, secret, botUserId } = channel);
  bot.expectSecret(secret);
  for (const role of ["member", "tester"] as const) {
    const user = await createUser(database.db, { name: `Dana ${role}`, password });
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

const accept = (types: readonly string[]) =>
  acceptWebhooks(
    database.pool,
    types.map((type) => ({ channelId, events: [JSON.stringify({ type })], idempotencyKey: null })),
  );

const countOf = (state: "failed" | "delivered") =>
  database.db.webhook.count({ where: { channelId, state } });

const openings = () =>
  database.db.auditEntry.findMany({
    where: { channelId, action: "webhook_opened" },
    select: { actorName: true, targetId: true },
  });

const rows = (page: Page, state: string) =>
  page.getByRole("table", { name: "Deliveries" }).getByRole("row").filter({ hasText: state });

test("failed webhooks are looked at, mended and redelivered: one, some, and all that match as a job", async ({
  page,
}) => {
  bot.answerWith(500);
  await accept(["message", "message", "message", "message", "follow", "follow"]);
  await expect.poll(() => countOf("failed")).toBe(6);

  // The log, second entry of Statistics.
  await signIn(page, people.member, password);
  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  await page
    .getByRole("navigation", { name: "Statistics" })
    .getByRole("link", { name: "Deliveries" })
    .click();
  await expect(rows(page, "Failed")).toHaveCount(6);
  await expectAccessible(page);

  // Filters by keyboard alone.
  await page.getByRole("button", { name: "Filters" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Event type").fill("follow");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/type=follow/);
  await expect(rows(page, "Failed")).toHaveCount(2);
  await page.setViewportSize({ width: 375, height: 800 });
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
  await page.setViewportSize({ width: 1280, height: 800 });

  // One webhook: its attempt, its answer, its body, and the command to send it by hand. Who reads it is written down.
  expect(await openings()).toEqual([]);
  await page
    .getByRole("link", { name: /^Open the webhook of / })
    .first()
    .click();
  await expect(page.getByRole("heading", { name: "Attempts" })).toBeVisible();
  await expect(page.getByText("error_status_code")).toBeVisible();
  await expect(page.getByText("the orders table is locked")).toBeVisible();
  await expect(page.getByText('"type": "follow"')).toBeVisible();
  await expectAccessible(page);
  const [answer] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: /^Download as received/ }).click(),
  ]);
  expect(await readFile(await answer.path(), "utf8")).toContain("the orders table is locked");
  await page.reload();
  await expect(page.getByText('"type": "follow"')).toBeVisible();
  const targetId = new URL(page.url()).pathname.split("/").at(-1);
  expect(await openings()).toEqual([{ actorName: "Dana member", targetId }]);
  const command = await page.getByRole("region", { name: "Send it yourself" }).innerText();
  const signature = /x-line-signature: ([^']+)'/.exec(command)?.[1] ?? "";
  const body = /--data-binary '(.+)' \\/.exec(command)?.[1] ?? "";
  expect(JSON.parse(body).events[0].deliveryContext).toEqual({ isRedelivery: true });
  expect(validateSignature(body, secret, signature)).toBe(true);

  // To its error on the Errors page, and back.
  const address = page.url().replace(/\?.*/, "");
  await page.getByRole("link", { name: "See in Errors" }).click();
  await page
    .getByRole("definition")
    .getByRole("link", { name: address.split("/").at(-1) ?? "" })
    .click();
  await expect(page).toHaveURL(`${address}?attempt=1#attempt-1`);

  // The bot is mended, and the webhook redelivered.
  bot.answerWith(200);
  await page.getByRole("button", { name: "Redeliver" }).click();
  await expect(page.getByText(/^Delivered at/)).toBeVisible();
  await expect(page.getByText("Attempt 2 · redelivery")).toBeVisible();
  await expectAccessible(page);

  // What is selected.
  await page.getByRole("link", { name: "Deliveries" }).last().click();
  await expect(rows(page, "Delivered")).toHaveCount(1);
  await rows(page, "Failed").first().getByRole("checkbox").check();
  const bar = page.getByRole("region", { name: "Selected webhooks" });
  await expect(bar.getByText("1 selected")).toBeVisible();
  // One that was delivered is asked about first.
  await rows(page, "Delivered").first().getByRole("checkbox").check();
  await page.keyboard.press("Enter");
  await expect(bar.getByRole("button", { name: "Redeliver" })).toBeFocused();
  await page.keyboard.press("Enter");
  const question = page.getByRole("dialog", { name: "Redeliver 2 webhooks?" });
  await expect(question.getByText("1 of them was delivered already.")).toBeVisible();
  await expectAccessible(page);
  await question.getByRole("button", { name: "Cancel" }).click();
  await rows(page, "Delivered").first().getByRole("checkbox").uncheck();
  await bar.getByRole("button", { name: "Redeliver" }).click();
  await expect(page.getByText("1 webhook is being redelivered.")).toBeVisible();
  await expect.poll(() => countOf("delivered")).toBe(2);

  // All that match, as a job that says beforehand how many, and afterwards how it went.
  await page.goto(`/console/channel/${channelId}/statistics/deliveries?state=failed`);
  await page.getByRole("link", { name: "Redeliver all that match" }).click();
  await expect(page.getByRole("definition").filter({ hasText: /^4$/ })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Maximum speed").selectOption("5");
  await page.getByRole("button", { name: "Start redelivering" }).click();
  const jobs = page.getByRole("region", { name: "Redelivery jobs" });
  await expect(jobs.getByText("Done")).toBeVisible();
  await expect(jobs.getByText("4 webhooks queued")).toBeVisible();
  await expect(jobs.getByRole("link", { name: "4 delivered" })).toBeVisible();
  await expect(jobs.getByText("4 matched")).toBeVisible();
  await expectAccessible(page);
  await expect.poll(() => countOf("delivered")).toBe(6);
  const again = bot.received.filter(
    ({ answeredWith, body: sent }) =>
      answeredWith === 200 && JSON.parse(sent).destination === botUserId,
  );
  expect(again).toHaveLength(6);
  expect(again.every(({ isSigned }) => isSigned)).toBe(true);
  expect(
    again.every(({ body: sent }) => JSON.parse(sent).events[0].deliveryContext.isRedelivery),
  ).toBe(true);

  // While Use webhook is off it is refused politely.
  await database.db.channel.update({ where: { id: channelId }, data: { useWebhook: false } });
  await page.goto(`/console/channel/${channelId}/statistics/deliveries?redeliver=all`);
  await expect(shown(page, "Use webhook is off, so nothing can be redelivered.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start redelivering" })).toHaveCount(0);
  await page
    .getByRole("link", { name: /^Open the webhook of / })
    .first()
    .click();
  await page.getByRole("button", { name: "Redeliver" }).click();
  await expect(
    shown(page, "Use webhook is off, so nothing can be redelivered. Turn it on first."),
  ).toBeVisible();
  expect(complaints).toEqual([]);
});

test("what was answered by a web page is told of on every page of the channel, found, explained, and redelivered", async ({
  page,
}) => {
  const other = await createChannel(database.db, {
    name: "Opening hours",
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
    useWebhook: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const member = await database.db.user.findUniqueOrThrow({ where: { email: people.member } });
  await createMember(database.db, other.id, { userId: member.id });
  const deliver = async (count: number) => {
    const events = [JSON.stringify({ type: "follow" })];
    const request = { channelId: other.id, events, idempotencyKey: null };
    await acceptWebhooks(database.pool, Array(count).fill(request));
    const where = { channelId: other.id, state: "delivered" as const };
    return () => database.db.webhook.count({ where });
  };
  bot.answerWith(200);
  await expect.poll(await deliver(3)).toBe(3);
  bot.answerWith(200, "<!doctype html><title>Open daily from 7</title>");
  await expect.poll(await deliver(10)).toBe(13);
  await signIn(page, people.member, password);
  await page.goto(`/console/channel/${other.id}/basics`);
  await expect(shown(page, "10 of the latest 13 count as delivered")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Show them", exact: true }).click();
  await expect(page).toHaveURL(/answer=doubtful/);
  await expect(rows(page, "answered with a web page")).toHaveCount(10);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Redeliver all that match" }).click();
  await expect(page.getByLabel("Also redeliver 10 webhooks that were delivered")).toBeVisible();
  await page
    .getByRole("link", { name: /^Open the webhook of / })
    .first()
    .click();
  await expect(shown(page, "The answer is a web page.")).toBeVisible();
  await expect(shown(page, "Open daily from 7")).toBeVisible();
  await expectAccessible(page);

  // What answers is the bot again.
  bot.answerWith(200);
  await page.getByRole("button", { name: "Redeliver" }).click();
  await expect(page.getByText("Attempt 2 · redelivery")).toBeVisible();
  await expect(page.getByText("answered with a web page")).toHaveCount(1);
  await page.goto(`/console/channel/${other.id}/statistics/deliveries`);
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("checkbox", { name: "Doubtful answers only" }).check();
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(rows(page, "answered with a web page")).toHaveCount(9);
  expect(complaints).toEqual([]);
});

test("a Tester finds no log, and nobody finds a webhook of another channel or a hand-made address", async ({
  page,
}) => {
  const [foreign] = await database.db.webhook.findMany({ where: { channelId }, take: 1 });
  const other = await createChannel(database.db, { useWebhook: true });
  const member = await database.db.user.findUniqueOrThrow({ where: { email: people.member } });
  await createMember(database.db, other.id, { userId: member.id });
  const root = (id: string) => `/console/channel/${id}/statistics/deliveries`;
  await signIn(page, people.tester, password);
  expect((await page.goto(root(channelId)))?.status()).toBe(404);
  expect((await page.goto(`${root(channelId)}/${foreign?.id}`))?.status()).toBe(404);
  await page.context().clearCookies();
  await signIn(page, people.member, password);
  expect((await page.goto(`${root(other.id)}/${foreign?.id}`))?.status()).toBe(404);
  expect((await page.goto(`${root(other.id)}/nonsense`))?.status()).toBe(404);
  const odd = await page.goto(`${root(other.id)}?range=x&state=%00&id=%27&after=1&zone=Mars`);
  expect(odd?.status()).toBe(200);
  const list = page.getByRole("region", { name: "Deliveries", exact: true });
  await expect(list.getByText("No webhooks in this range")).toBeVisible();

  // What was left out of it is named, and nothing is done with all that is shown instead.
  await expect(shown(page, "Part of this URL is not understood")).toBeVisible();
  await expect(shown(page, "zone=Mars", { exact: true })).toBeVisible();
  const redeliverAll = page.getByRole("link", { name: "Redeliver all that match" });
  const download = page.getByRole("link", { name: "Download as TSV" });
  await expect(download).toHaveCount(0);
  await page.goto(`${root(other.id)}?state=lost&redeliver=all`);
  await expect(shown(page, "state=lost", { exact: true })).toBeVisible();
  await expect(redeliverAll).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Start redelivering" })).toHaveCount(0);
  await expectAccessible(page);
  const refused = await page.request.get(`${root(other.id)}/tsv?state=lost`);
  expect([refused.status(), (await refused.json()).message]).toEqual([
    400,
    expect.stringContaining("state=lost"),
  ]);
  await page.getByRole("link", { name: "Show without it" }).click();
  await expect(redeliverAll).toBeVisible();
  await expect(download).toBeVisible();
  await expect(page.getByText("Part of this URL is not understood")).toHaveCount(0);
});

test("what ended badly for one group is found, counted, downloaded, and their filter is kept", async ({
  page,
}) => {
  const other = await createChannel(database.db, {
    name: "Guided tours",
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
    useWebhook: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const member = await database.db.user.findUniqueOrThrow({ where: { email: people.member } });
  await createMember(database.db, other.id, { userId: member.id });
  let sent = 0;
  const send = async (groupId: string, status: number) => {
    bot.answerWith(status);
    const event = JSON.stringify({ type: "join", source: { type: "group", groupId } });
    await acceptWebhooks(database.pool, [
      { channelId: other.id, events: [event], idempotencyKey: null },
    ]);
    sent += 1;
    const ended = () => database.db.webhook.count({ where: { channelId: other.id } });
    await expect.poll(ended).toBe(sent);
  };
  bot.expectSecret(other.secret);
  for (const [group, status] of [
    ["Cnorth", 200],
    ["Csouth", 503],
    ["Cnorth", 503],
  ] as const) {
    await send(group, status);
  }
  await signIn(page, people.member, password);
  await page.goto(`/console/channel/${other.id}/statistics/deliveries`);
  await expect(shown(page, "3 webhooks", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByLabel("Status code or class").fill("5xx");
  const source = page.getByLabel("User, group or room ID");
  await expect(source).toHaveAccessibleDescription(/Not found: events without a source/);
  await source.fill("Cnorth");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(shown(page, "1 webhook", { exact: true })).toBeVisible();
  await expect(rows(page, "Failed")).toHaveCount(1);

  // The columns can be chosen.
  await page.getByRole("button", { name: "View" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Likely cause" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Likely cause" })).toBeVisible();

  const whole = page.waitForEvent("download");
  await page.getByRole("button", { name: "Other formats" }).click();
  await page.getByRole("menuitem", { name: "JSON Lines" }).click();
  const file = await whole;
  expect(file.suggestedFilename()).toMatch(/^deliveries-.*-1-rows\.jsonl$/);
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { state: "failed", reason: "error_status_code", statusCode: 503 },
  ]);

  // The way back knows the filter.
  await page.getByRole("link", { name: /^Open the webhook of / }).click();
  await expect(page.getByText("Attempt 1", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Deliveries" }).last().click();
  await expect(page.getByRole("link", { name: "Remove filter Cnorth" })).toBeVisible();
  expect(complaints).toEqual([]);
});
