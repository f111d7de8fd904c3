import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createConsoleClient, sealSessionCookie } from "./support/console-client.ts";
import { consolePort } from "./support/ports.ts";

// What a browser without JavaScript shows of the pages that come in parts.

const base = `http://localhost:${consolePort}`;

let database: Database;
let channelId: string;
let providerId: string;
let cookie: { name: string; value: string; url: string };

test.use({ javaScriptEnabled: false });

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db, pool } = database;
  const user = await createUser(db, { isOperator: true });
  const channel = { name: "Plain", errorStatisticsAggregation: true, emailVerifiedAt: null };
  ({ id: channelId, providerId } = await createChannel(db, channel));
  await createMember(db, channelId, { userId: user.id });
  const now = Date.now();
  const errors = [1, 2, 3].map((minutes) =>
    makeError({ detail: "Unknown host", occurredAt: new Date(now - minutes * 120_000) }),
  );
  await createErrors(pool, channelId, errors);
  const sid = await openSession(db, user.id, { userAgent: "without script" });
  const [name = "", value = ""] = (await sealSessionCookie("tocsin.session", sid)).split("=");
  cookie = { name, value, url: base };
});
test.afterAll(() => database.close());
test.beforeEach(({ context }) => context.addCookies([cookie]));

test("the Errors page shows its rows and their number, and gives the file", async ({ page }) => {
  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  await expect(page.getByRole("row", { name: /Unknown host/ })).toHaveCount(3);
  await expect(page.getByText("3 rows").first()).toBeVisible();
  await expect(page.getByText("This list needs JavaScript.")).toHaveCount(0);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download as TSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/-3-rows\.tsv$/);
  expect((await readFile(await download.path(), "utf8")).trimEnd().split("\n")).toHaveLength(4);
});

test("the Deliveries page shows the log, and what would be sent again", async ({ page }) => {
  await page.goto(`/console/channel/${channelId}/statistics/deliveries`);
  await expect(page.getByText("No webhooks in this range")).toBeVisible();
  await expect(page.getByText("This list needs JavaScript.")).toHaveCount(0);
  await page.getByRole("link", { name: "Redeliver all that match" }).click();
  await expect(page.getByText("Use webhook is off, so nothing can be redelivered.")).toBeVisible();
});

test("a button after which a script says something says it in the page", async ({ page }) => {
  await page.goto(`/console/channel/${channelId}/notifications`);
  await page.getByRole("button", { name: "Send the link again" }).click();
  await expect(page.getByText("The confirmation email is on its way.")).toBeVisible();
  const own = page.getByRole("group", { name: /^Emails to / }).first();
  await own.getByLabel("Weekly digest").check();
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(own.getByLabel("Weekly digest")).toBeChecked();
});

test("what of a URL is not understood is named, on every list", async ({ page }) => {
  const channel = `/console/channel/${channelId}`;
  const provider = `/console/provider/${providerId}`;
  const long = `q=${"x".repeat(101)}`;
  for (const [path, part] of [
    [`${channel}/statistics/errors`, "status=6000"],
    [`${channel}/statistics/deliveries`, "cause=weather"],
    [`${channel}/audit`, "action=flown"],
    [`${channel}/notifications`, "before=soon"],
    ["/console/operations/audit", "from=2026-02-31"],
    ["/console/operations/outbox", "state=lost"],
    ["/console/operations/applications", "state=lost"],
    ["/console/operations/users", long],
    ["/console/operations/channels", long],
    ["/console/operations/providers", long],
    ["/console", "state=well"],
    ["/console/channels", "state=well"],
    [`${provider}/channels`, "state=well"],
    [`${provider}/audit`, "action=flown"],
  ] as const) {
    await page.goto(`${path}?${part}`);
    await expect(page.getByText("Part of this URL is not understood"), path).toBeVisible();
    await expect(page.getByText(part.slice(0, 20)).first()).toBeVisible();
  }
  await page.goto(`${channel}/statistics/errors?status=6000`);
  await expect(page.getByText("Download as TSV")).toHaveCount(0);
  await page.goto(`${channel}/audit?action=flown`);
  await expect(page.getByText("Download as TSV")).toHaveCount(0);
});

test("what of a URL is not understood makes no file and starts no redelivery", async ({ page }) => {
  const channel = `/console/channel/${channelId}`;
  for (const [path, part] of [
    [`${channel}/statistics/errors/tsv`, "status=6000"],
    [`${channel}/statistics/deliveries/tsv`, "cause=weather"],
    [`${channel}/audit/tsv`, "action=flown"],
    [`/console/provider/${providerId}/audit/tsv`, "action=flown"],
    ["/console/operations/audit/tsv", "action=flown"],
  ] as const) {
    const refused = await page.request.get(`${path}?${part}`);
    expect([path, refused.status(), await refused.text()]).toEqual([
      path,
      400,
      expect.stringContaining(part),
    ]);
  }

  // The page offers no start; a form that was open before, or is made by hand, is refused too.
  const answer = await createConsoleClient(consolePort, base).act(
    "(console)/console/channel/[channelId]/statistics/deliveries/actions.ts#startJob",
    `${channel}/statistics/deliveries`,
    { channelId, search: "?cause=weather", until: String(Date.now()), rate: "5" },
    `${cookie.name}=${cookie.value}`,
  );
  expect(answer.body).toMatch(/"status":"refused","message":"[^"]*cause=weather/);
  expect(await database.db.redeliveryJob.count({ where: { channelId } })).toBe(0);
});
