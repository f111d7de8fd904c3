import { expect, type Locator, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, inTransaction, openDatabase } from "#lib/db.ts";
import { type CountableError, countErrors } from "#lib/webhook-errors/count-errors.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";
const refused = {
  reason: "could_not_connect",
  detail: "Connection failed",
  statusCode: null,
} as const;
const failing = { reason: "error_status_code", detail: "503", statusCode: 503 } as const;

let database: Database;
let channelId: string;
const people = { admin: "", member: "" };
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  channelId = (await createChannel(db, { name: "Problems bot", errorStatisticsAggregation: true }))
    .id;
  await approveNotification(db, channelId);
  for (const role of ["admin", "member"] as const) {
    const user = await createUser(db, { name: role === "admin" ? "Hana" : "Ken", password });
    people[role] = user.email;
    await createMember(db, channelId, { userId: user.id, role });
  }
  await fail(refused, 300, 299, 298, 240);
  await fail(failing, 30, 20);
});
test.afterAll(() => database.close());
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});
test.afterEach(() => expect(complaints).toEqual([]));

/** Counted as a worker does it, so many minutes ago. */
async function fail(of: typeof refused | typeof failing, ...minutesAgo: number[]): Promise<void> {
  const errors = minutesAgo.map((minutes): CountableError => {
    const occurredAt = new Date(Date.now() - minutes * 60_000);
    const webhookId = newWebhookId(occurredAt);
    return {
      ...of,
      webhookId,
      attempt: 1,
      isFirst: true,
      channelId,
      occurredAt,
      likelyCause: null,
    };
  });
  await inTransaction(database.pool, (client) => countErrors(client, errors));
}

async function deliver(minutesAgo: number, count: number): Promise<void> {
  await database.pool.query(
    `insert into delivered_minutes values ($1, date_trunc('minute', now(), 'UTC') - make_interval(mins => $2), $3)`,
    [channelId, minutesAgo, count],
  );
}

const errorsPath = (search = "") => `/console/channel/${channelId}/statistics/errors${search}`;
const lines = (page: Page): Locator =>
  page.getByRole("region", { name: "Problems" }).getByRole("listitem");
const line = (page: Page, detail: string): Locator => lines(page).filter({ hasText: detail });
const rows = (page: Page): Locator =>
  page.getByRole("table", { name: "Errors", exact: true }).getByRole("row");

test("errors become problems that one mutes, takes care of, sees resolved and sees come back", async ({
  page,
}) => {
  await signIn(page, people.admin, password);
  await page.goto(errorsPath());

  // One line each, and the list beneath as before.
  await expect(lines(page)).toHaveCount(2);
  await expect(line(page, "Connection failed")).toContainText("4 errors");
  await expect(line(page, "503")).toContainText("first error of 2 webhooks");
  await expect(line(page, "503")).toContainText("Notified: nobody in this range");
  await expect(rows(page)).toHaveCount(1 + 6);
  await expectAccessible(page);

  // Its name filters the list, and brings all back.
  await line(page, "503")
    .getByRole("link", { name: /Show only/ })
    .click();
  await expect(rows(page)).toHaveCount(1 + 2);
  await expect(lines(page)).toHaveCount(2);
  await line(page, "503")
    .getByRole("link", { name: /Show all/ })
    .click();
  await expect(rows(page)).toHaveCount(1 + 6);

  // Mute, by keyboard, in words; and the way back.
  const muted = line(page, "503");
  await muted.locator("summary").press("Enter");
  await muted.getByLabel("For how long").selectOption("8 hours");
  await muted.getByRole("button", { name: "Mute", exact: true }).press("Enter");
  await expect(muted).toContainText(/Hana muted it until .* It is still counted\./);
  await expect(muted).toContainText("Notified: nobody: muted");
  await muted.getByRole("button", { name: "Unmute 503" }).click();
  await expect(muted).not.toContainText("muted it until");
  await muted.locator("summary").click();
  await muted.getByLabel("For how long").selectOption("Until it changes");
  await muted.getByRole("button", { name: "Mute", exact: true }).click();
  await expect(muted).toContainText("Hana muted it until it changes.");

  // On it, with a name, also for others, who may take it back.
  await line(page, "Connection failed")
    .getByRole("button", { name: /I am on it/ })
    .click();
  await expect(line(page, "Connection failed")).toContainText("Hana has been on it since");

  // Deliveries go on without it: resolved.
  await deliver(100, 20);
  await page.reload();
  const resolved = line(page, "Connection failed");
  await expect(resolved).toContainText("Resolved");
  await expect(resolved).not.toContainText("on it");
  await expect(lines(page).last()).toContainText("Connection failed");

  // It comes back, which also ends the mute of the other one.
  await fail(refused, 0);
  await page.reload();
  await expect(line(page, "Connection failed")).toContainText(
    /Came back .*: it was last there from/,
  );
  await expect(line(page, "503")).not.toContainText("muted it");

  // All of it is in the audit log.
  await page.goto(`/console/channel/${channelId}/audit`);
  for (const text of ["Problem muted", "Problem unmuted", "Someone is on a problem"]) {
    await expect(page.getByText(text).filter({ visible: true }).first()).toBeVisible();
  }
});

test("a Member is on it and takes back whoever is, but does not mute", async ({ page }) => {
  await signIn(page, people.member, password);
  await page.goto(errorsPath());
  const one = line(page, "503");
  await one.getByRole("button", { name: /I am on it/ }).click();
  await expect(one).toContainText("Ken has been on it since");
  await one.getByRole("button", { name: /Take back/ }).click();
  await expect(one.getByRole("button", { name: /I am on it/ })).toBeVisible();
  await expect(one.locator("summary")).toHaveCount(0);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });
  test("a problem is muted and taken care of", async ({ page }) => {
    await signIn(page, people.admin, password);
    await page.goto(errorsPath());
    const one = line(page, "503");
    await one.locator("summary").click();
    await one.getByRole("button", { name: "Mute", exact: true }).click();
    await expect(one).toContainText("Hana muted it until");
    await one.getByRole("button", { name: "Unmute 503" }).click();
    await expect(one).not.toContainText("muted it until");
    await one.getByRole("button", { name: /I am on it/ }).click();
    await expect(one).toContainText("Hana has been on it since");
  });
});
