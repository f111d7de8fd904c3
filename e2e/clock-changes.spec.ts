import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { sealSessionCookie } from "./support/console-client.ts";
import { consolePort } from "./support/ports.ts";

// Rows of an hour that comes twice, and of a range in which clocks change.

const base = `http://localhost:${consolePort}`;

let database: Database;
let channelId: string;
let cookie: { name: string; value: string; url: string };

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db, pool } = database;
  const user = await createUser(db);
  channelId = (await createChannel(db, { name: "Clocks", errorStatisticsAggregation: true })).id;
  await createMember(db, channelId, { userId: user.id });
  // 00:30 in Havana twice, before and after its clocks went back; two in Berlin, the day before its clocks did and after it.
  const times = ["2026-11-01T04:30:07Z", "2026-11-01T05:30:07Z"];
  const errors = ["2026-10-24T10:00:09Z", "2026-10-25T10:00:09Z", ...times].map((time) =>
    makeError({ detail: "Unknown host", occurredAt: new Date(time) }),
  );
  await createErrors(pool, channelId, errors);
  const sid = await openSession(db, user.id, { userAgent: "clock changes" });
  const [name = "", value = ""] = (await sealSessionCookie("tocsin.session", sid)).split("=");
  cookie = { name, value, url: base };
});
test.afterAll(() => database.close());
test.beforeEach(({ context }) => context.addCookies([cookie]));

const open = (from: string, to: string, zone: string): string =>
  `/console/channel/${channelId}/statistics/errors?${new URLSearchParams({ from, to, zone })}`;

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("rows of the hour that comes twice are told apart by their offset", async ({ page }) => {
      await page.goto(open("2026-11-01T04:00Z", "2026-11-01T06:00Z", "America/Havana"));
      const rows = page.getByRole("row", { name: /Unknown host/ });
      await expect(rows).toHaveCount(2);
      await expect(rows.nth(0)).toContainText("00:30:07 UTC-5");
      await expect(rows.nth(1)).toContainText("00:30:07 UTC-4");
      await expect(page.getByRole("link", { name: /00:30:07 UTC-4/ })).toHaveCount(1);
    });

    test("so is each row of a range in which clocks change, and none of a range in which they do not", async ({
      page,
    }) => {
      await page.goto(open("2026-10-24T00:00Z", "2026-10-26T00:00Z", "Europe/Berlin"));
      const rows = page.getByRole("row", { name: /Unknown host/ });
      await expect(rows.nth(0)).toContainText("11:00:09 UTC+1");
      await expect(rows.nth(1)).toContainText("12:00:09 UTC+2");
      await page.goto(open("2026-10-25T02:00Z", "2026-10-26T00:00Z", "Europe/Berlin"));
      await expect(rows).toHaveCount(1);
      await expect(rows).toContainText("11:00:09");
      await expect(rows).not.toContainText("UTC");
    });
  });
}
