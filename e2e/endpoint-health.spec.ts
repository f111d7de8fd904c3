import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";
const hourMs = 3_600_000;

let database: Database;
const complaints: string[] = [];

test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});

const channelOf = (name: string) =>
  createChannel(database.db, {
    name,
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });

const outage = (hours: number) => ({
  failingSince: new Date(Date.now() - hours * hourMs),
  lastFailureAt: new Date(),
  failedCount: 1_312,
  reason: "error_status_code" as const,
  detail: "503",
  isSettled: true,
  warnedPercent: 50,
});

test("a failing channel says since when, and a suspended one is resumed by its Admin with one click", async ({
  page,
}) => {
  const { db } = database;
  const channel = await channelOf("Night desk");
  const admin = await createUser(db, { name: "Ada Admin", password });
  const member = await createUser(db, { name: "Mo Member", password });
  await createMember(db, channel.id, { userId: admin.id, role: "admin" });
  await createMember(db, channel.id, { userId: member.id, role: "member" });
  await db.endpointHealth.create({ data: { channelId: channel.id, ...outage(40) } });
  await signIn(page, admin.email, password);
  await page.goto(`/console/channel/${channel.id}/statistics/errors`);
  await expect(page.getByText(/No webhook has been delivered since/)).toBeVisible();
  await expect(page.getByText(/55% of the limit .* is used up/)).toBeVisible();
  await expectAccessible(page);

  await db.endpointHealth.update({
    where: { channelId: channel.id },
    data: { suspendedAt: new Date() },
    select: { channelId: true },
  });
  await page.goto(`/console/channel/${channel.id}/basics`);
  await expect(page.getByText(/Sending has been suspended since/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Verify first" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Resume sending" }).click();
  await expect(page.getByText(/Sending has been suspended since/)).toHaveCount(0);
  const row = await db.endpointHealth.findUnique({ where: { channelId: channel.id } });
  expect(row?.suspendedAt).toBeNull();

  await db.endpointHealth.update({
    where: { channelId: channel.id },
    data: { failingSince: new Date(), suspendedAt: new Date() },
    select: { channelId: true },
  });
  await page.context().clearCookies();
  await signIn(page, member.email, password);
  await page.goto(`/console/channel/${channel.id}/basics`);
  await expect(page.getByText("An Admin of this channel can resume sending.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Resume sending" })).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("an operator reads why a webhook was set aside, and ends it or tries it again", async ({
  page,
}) => {
  const { db } = database;
  const channel = await channelOf("Poisoned desk");
  const operator = await createUser(db, { name: "Olive Operator", password, isOperator: true });
  const now = new Date();
  const ids = [newWebhookId(now), newWebhookId(now)];
  await db.setAsideWebhook.createMany({
    data: ids.map((id) => ({
      id,
      channelId: channel.id,
      lane: 0,
      attempt: 5,
      failures: 0,
      unrecordedCount: 5,
      defect: "RangeError: the outcome could not be written",
      eventCount: 1,
      body: JSON.stringify({ destination: "U", events: [{ webhookEventId: randomUUID() }] }),
    })),
  });
  await signIn(page, operator.email, password);
  await page.goto("/console/operations/set-aside");
  await expect(page.getByText("RangeError: the outcome could not be written")).toHaveCount(2);
  await expectAccessible(page);
  await page.getByRole("button", { name: `End ${ids[0]}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
  await expect(page.getByText("The webhook was cancelled.")).toBeVisible();
  await page.getByRole("button", { name: `Try again: ${ids[1]}` }).click();
  await expect(page.getByText("No stuck webhooks")).toBeVisible();
  const ended = await db.webhook.findMany({ where: { channelId: channel.id } });
  expect(ended.find((one) => one.id === ids[0])?.state).toBe("cancelled");
  expect(complaints).toEqual([]);
});
