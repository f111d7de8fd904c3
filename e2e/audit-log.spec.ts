import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { actorOf, createChannel, createMember, createUser } from "#testing/factories.ts";
import { sealSessionCookie } from "./support/console-client.ts";
import { expectAccessible, gatherComplaints } from "./support/page-checks.ts";
import { consolePort } from "./support/ports.ts";

// The audit log as a person reads it and takes it out.

const base = `http://localhost:${consolePort}`;

let database: Database;
let channelId: string;
let cookie: { name: string; value: string; url: string };

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  const user = await createUser(db, { name: "Ada Admin" });
  await db.user.update({ where: { id: user.id }, data: { timeZone: "America/Havana" } });
  const encryptionKey = Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex");
  channelId = (await createChannel(db, { name: "Audited", encryptionKey })).id;
  await createMember(db, channelId, { userId: user.id });
  const from = { address: "::ffff:192.0.2.7", userAgent: "Firefox" };
  const actor = { ...actorOf({ ...user, name: "Ada Admin" }), from };
  await recordAudit(db, {
    ...{ actor, channelId, action: "errors_exported" },
    after: { format: "csv", from: "2026-11-01T04:30:00.000Z", to: "2026-11-01T05:30:00.000Z" },
  });
  await recordAudit(db, {
    ...{ actor, channelId, action: "switch_turned" },
    before: { webhookRedelivery: false },
    after: { webhookRedelivery: true },
  });
  const sid = await openSession(db, user.id, { userAgent: "audit log" });
  const [name = "", value = ""] = (await sealSessionCookie("tocsin.session", sid)).split("=");
  cookie = { name, value, url: base };
});
test.afterAll(() => database.close());

test("entries are told in words of the reader's language, in their zone, and say whom an invitation was for", async ({
  page,
}) => {
  const complaints: string[] = [];
  gatherComplaints(page, complaints);
  await page.context().addCookies([cookie]);
  await page.goto(`/console/channel/${channelId}/roles`);
  await page.getByLabel("Email address").fill("guest@example.com");
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByText("An invitation is on its way to guest@example.com.")).toBeVisible();

  await page.goto(`/console/channel/${channelId}/audit`);
  const row = (name: RegExp) => page.getByRole("row", { name });
  await expect(row(/Invitation sent guest@example\.com Role Member/)).toHaveCount(1);
  await expect(row(/Switch changed Webhook redelivery off on/)).toHaveCount(1);
  const exported = row(/Errors downloaded Format CSV/);
  await expect(exported).toContainText("2026-11-01 00:30:00 UTC-4");
  await expect(exported).toContainText("2026-11-01 00:30:00 UTC-5");
  await expect(exported).toContainText("192.0.2.7");
  await expect(exported).not.toContainText("ffff");
  await expectAccessible(page);

  await page.context().addCookies([{ name: "tocsin.locale", value: "ja", url: base }]);
  await database.db.user.updateMany({ where: { name: "Ada Admin" }, data: { locale: "ja" } });
  await page.goto(`/console/channel/${channelId}/audit`);
  await expect(row(/guest@example\.com 権限 Member/)).toHaveCount(1);
  await expect(row(/Webhookの再送 オフ オン/)).toHaveCount(1);
  await database.db.user.updateMany({ where: { name: "Ada Admin" }, data: { locale: "en" } });
  expect(complaints).toEqual([]);
});

test("the log is taken out as TSV, CSV or JSON Lines, and the page counts its rows", async ({
  page,
}) => {
  await page.context().addCookies([cookie]);
  await page.goto(`/console/channel/${channelId}/audit`);
  await expect(page.getByRole("heading", { name: "Audit log" })).toBeVisible();
  for (const [format, extension] of [
    ["CSV", "csv"],
    ["JSON Lines", "jsonl"],
  ] as const) {
    await page.getByRole("button", { name: "Other formats" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: format, exact: true }).click(),
    ]);
    const [, rows] =
      new RegExp(`-America-Havana-(\\d+)-rows\\.${extension}$`).exec(
        download.suggestedFilename(),
      ) ?? [];
    expect(Number(rows)).toBeGreaterThan(2);
    const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(Number(rows) + (extension === "csv" ? 1 : 0));
    await expect(page.getByText(/Downloaded \d+ rows\./)).toBeVisible();
  }
});
