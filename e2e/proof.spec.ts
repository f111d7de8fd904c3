import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";

let database: Database;
test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());

const confirm = (page: Page, typed: string) =>
  page
    .getByLabel("Password")
    .fill(typed)
    .then(() => page.getByRole("button", { name: "Confirm" }).click());

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`a browser that was left open shows no secret until the password is typed, ${how}`, async ({
    browser,
  }) => {
    const { db } = database;
    const complaints: string[] = [];
    const person = await createUser(db, { name: "Pia Proof", password, isOperator: true });
    const channel = await createChannel(db, {
      name: "Left open",
      encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    });
    await createMember(db, channel.id, { userId: person.id });
    const grownOld = () =>
      db.session.updateMany({
        where: { userId: person.id },
        data: { provedAt: new Date(Date.now() - 61 * 60_000) },
      });
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    gatherComplaints(page, complaints);
    await signIn(page, person.email, password);

    // Opened in time, pressed too late.
    await page.goto(`/console/channel/${channel.id}/basics`);
    await expect(page.getByRole("button", { name: "Show" })).toBeVisible();
    await grownOld();
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.getByText(/first confirm that it is you/)).toBeVisible();
    const secret = page.getByText(/^[0-9a-f]{32}$/);
    await expect(secret).toHaveCount(0);
    await confirm(page, "not the password");
    await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/wrong/);
    await expect(page.getByLabel("Password")).toHaveValue("");
    if (javaScriptEnabled) await expectAccessible(page);
    await confirm(page, password);
    await page.getByRole("button", { name: "Show" }).click();
    await expect(secret).toBeVisible();

    await grownOld();
    await page.goto(`/console/channel/${channel.id}/messaging-api`);
    await expect(page.getByRole("button", { name: "Issue", exact: true })).toHaveCount(0);
    await confirm(page, password);
    await page.getByRole("button", { name: "Issue", exact: true }).click();
    await expect(page.getByText(/^tct_[\w-]{43}$/)).toBeVisible();

    await grownOld();
    await page.goto("/console");
    await page.getByRole("link", { name: "Operations" }).click();
    await page.getByRole("link", { name: "Platform keys" }).click();
    await expect(page.getByLabel("Name")).toHaveCount(0);
    await confirm(page, password);
    await page.getByLabel("Name").fill("Proved gateway");
    await page.getByRole("button", { name: "Create a key" }).click();
    await expect(page.getByText(/^tpk_[\w-]{43}$/)).toBeVisible();

    // One confirmation holds for all of them, for an hour.
    const told = { actorId: person.id, action: "person_confirmed" };
    expect(await db.auditEntry.count({ where: { ...told, result: "done" } })).toBe(3);
    await expect.poll(() => db.auditEntry.count({ where: { ...told, result: "refused" } })).toBe(1);
    await context.close();
    expect(complaints).toEqual([]);
  });

  test(`a browser that was left open gives no way in until the password is typed, ${how}`, async ({
    browser,
  }) => {
    const { db } = database;
    const complaints: string[] = [];
    const person = await createUser(db, { name: "Pia Proof", password, isOperator: true });
    const channel = await createChannel(db, {
      name: "Left open",
      encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    });
    await createMember(db, channel.id, { userId: person.id });
    await createMember(db, channel.id, {
      userId: (await createUser(db, { name: "Tim Tester" })).id,
      role: "tester",
    });
    const grownOld = () =>
      db.session.updateMany({
        where: { userId: person.id },
        data: { provedAt: new Date(Date.now() - 61 * 60_000) },
      });
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    gatherComplaints(page, complaints);
    await signIn(page, person.email, password);
    const root = `/console/channel/${channel.id}`;
    const first = page.getByText(/first confirm that it is you/);

    // Another URL: opened in time, pressed too late; what was typed is not lost to who has a script.
    await page.goto(`${root}/messaging-api`);
    await page.getByLabel("Webhook URL").fill("https://first.example.com/");
    await grownOld();
    await page.getByRole("button", { name: "Update" }).click();
    await expect(first).toBeVisible();
    await expect(page.getByRole("button", { name: "Update" })).toHaveCount(0);
    if (javaScriptEnabled) await expectAccessible(page);
    await confirm(page, password);
    if (!javaScriptEnabled) await page.goto(`${root}/messaging-api`);
    await page.getByLabel("Webhook URL").fill("https://first.example.com/");
    await page.getByRole("button", { name: "Update" }).click();
    await expect(page.getByText("https://first.example.com/", { exact: true })).toBeVisible();
    // One that stands already is changed without a script as well.
    if (!javaScriptEnabled) {
      await page.goto(`${root}/messaging-api`);
      await page.getByRole("textbox", { name: "Webhook URL" }).fill("https://second.example.com/");
      await page.getByRole("button", { name: "Update" }).click();
      await expect(page.getByText("https://second.example.com/", { exact: true })).toBeVisible();
    }

    // A new secret, roles, guests, and another way out for alerts.
    await grownOld();
    await page.goto(`${root}/basics`);
    await expect(page.getByRole("button", { name: "Show" })).toHaveCount(0);
    await expect(page.getByText("Issue", { exact: true })).toHaveCount(0);
    await page.goto(`${root}/notifications`);
    await expect(page.getByRole("button", { name: "Add" })).toHaveCount(0);
    await page.goto(`${root}/roles`);
    await expect(page.getByRole("button", { name: "Send invitation" })).toHaveCount(0);
    if (javaScriptEnabled) await expectAccessible(page);
    const row = page.getByRole("row", { name: /Tim Tester/ });
    await row.getByLabel("Role of Tim Tester").selectOption("Admin");
    await row.getByRole("button", { name: "Change" }).click();
    await expect(first).toBeVisible();
    await confirm(page, password);
    await page.getByLabel("Email address").fill("guest@example.com");
    await page.getByRole("button", { name: "Send invitation" }).click();
    await expect(page.getByText(/guest@example.com/).first()).toBeVisible();
    await page.goto("/console/operations/invitations");
    await expect(page.getByRole("button", { name: "Send invitation" })).toBeVisible();

    await grownOld();
    await page.goto("/console/operations/invitations");
    await expect(page.getByRole("button", { name: "Send invitation" })).toHaveCount(0);
    const locked = await createUser(db, { name: "Lou Locked", disabledAt: new Date() });
    await page.goto(`/console/operations/users?q=${encodeURIComponent(locked.email)}`);
    await expect(page.getByText("Lou Locked")).toBeVisible();
    await expect(page.getByText(/Enter your password to continue/)).toBeVisible();
    await expect(page.getByText("Enable", { exact: true })).toHaveCount(0);
    if (javaScriptEnabled) await expectAccessible(page);
    await confirm(page, password);
    await expect(page.getByText("Enable", { exact: true }).first()).toBeAttached();

    await grownOld();
    await page.goto("/console/profile/security");
    await expect(page.getByRole("button", { name: "Link Harbour ID" })).toHaveCount(0);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByRole("button", { name: "Link Harbour ID" })).toBeVisible();
    await context.close();
    expect(complaints).toEqual([]);
  });
}
