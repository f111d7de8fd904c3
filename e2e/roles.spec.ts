import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import {
  createChannel,
  createMember,
  createProviderMember,
  createUser,
} from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";

let database: Database;
let channelId: string;
const people = { admin: "", member: "", tester: "" };
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  const channel = await createChannel(db, {
    name: "Front desk",
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
    errorStatisticsAggregation: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  channelId = channel.id;
  for (const role of ["admin", "member", "tester"] as const) {
    const user = await createUser(db, { name: `Chris ${role}`, password });
    await createMember(db, channelId, { userId: user.id, role });
    people[role] = user.email;
  }
  // Import from provider is for who is Admin of both.
  const admin = await db.user.findUniqueOrThrow({ where: { email: people.admin } });
  await createProviderMember(db, channel.providerId, { userId: admin.id });
  const newcomer = await createUser(db, { name: "Nori Newcomer" });
  await createProviderMember(db, channel.providerId, { userId: newcomer.id, role: "member" });
  await createErrors(database.pool, channelId, [
    makeError({
      occurredAt: new Date(Date.now() - 60_000),
      reason: "error_status_code",
      detail: "503",
      statusCode: 503,
    }),
  ]);
});
test.afterAll(() => database.close());
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});

const tab = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Channel" }).getByRole("link", { name });

test("a Tester sees the basics alone, and what is not theirs looks like what is not there", async ({
  page,
}) => {
  await signIn(page, people.tester, password);
  await page.goto(`/console/channel/${channelId}/basics`);
  await expect(page.getByText(channelId).first()).toBeVisible();
  await expect(tab(page, "Statistics")).toHaveCount(0);
  await expect(tab(page, "Messaging API")).toHaveCount(0);
  for (const path of ["statistics/errors", "messaging-api", "roles"]) {
    const response = await page.goto(`/console/channel/${channelId}/${path}`);
    expect([path, response?.status()]).toEqual([path, 404]);
  }
  const unknown = await page.goto("/console/channel/1000000000/basics");
  expect(unknown?.status()).toBe(404);
});

test("a Member browses errors and cannot change settings", async ({ page }) => {
  await signIn(page, people.member, password);
  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  await expect(page.getByRole("cell", { name: "503", exact: true })).toBeVisible();
  await expect(tab(page, "Messaging API")).toHaveCount(0);
  expect((await page.goto(`/console/channel/${channelId}/messaging-api`))?.status()).toBe(404);
  await page.goto(`/console/channel/${channelId}/basics`);
  await expect(page.getByRole("button", { name: "Save" })).toHaveCount(0);
  await expect(page.getByText("Channel secret")).toHaveCount(0);
});

test("an Admin imports, changes and removes roles, and the last Admin can be neither demoted nor removed", async ({
  page,
}) => {
  await signIn(page, people.admin, password);
  await page.goto(`/console/channel/${channelId}/roles`);
  await page.getByRole("checkbox", { name: /Nori Newcomer/ }).check();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("One person now has a role.")).toBeVisible();

  const refusal =
    "This is the last Admin. A channel must keep one: make someone else an Admin first.";
  await page.getByLabel("Role of Chris admin").selectOption("member");
  const own = page.getByRole("row", { name: /Chris admin/ });
  await own.getByRole("button", { name: "Change" }).click();
  await expect(page.getByText(refusal)).toBeVisible();
  await expect(page.getByLabel("Role of Chris admin")).toHaveValue("admin");

  await page.getByLabel("Select Chris admin").check();
  await page.getByRole("button", { name: "Delete selected" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Delete/ })
    .click();
  await expect(page.getByText(refusal).first()).toBeVisible();
  await expect(page.getByRole("row", { name: /Chris admin/ })).toBeVisible();

  await page.reload();
  await page.getByLabel("Select Nori Newcomer").check();
  await page.getByRole("button", { name: "Delete selected" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Delete/ })
    .click();
  await expect(page.getByRole("row", { name: /Nori Newcomer/ })).toHaveCount(0);
  await expectAccessible(page);
  expect(complaints).toEqual([]);
});

test("an Admin who makes themselves Member is led to what is theirs to see, and who removes themselves to the start", async ({
  page,
}) => {
  const { db } = database;
  const channel = await createChannel(db, { name: "Back desk" });
  await createMember(db, channel.id);
  const [demoted, removed] = [
    await createUser(db, { name: "Dana Demoted", password }),
    await createUser(db, { name: "Remo Removed", password }),
  ];
  for (const { id } of [demoted, removed]) await createMember(db, channel.id, { userId: id });
  await signIn(page, demoted.email, password);
  await page.goto(`/console/channel/${channel.id}/roles`);
  await page.getByLabel("Role of Dana Demoted").selectOption("member");
  await page.getByRole("button", { name: "Change" }).click();
  await expect(page).toHaveURL(new RegExp(`/console/channel/${channel.id}/basics$`));
  await expect(page.getByRole("button", { name: "Leave channel" })).toBeVisible();
  await page.context().clearCookies();

  await signIn(page, removed.email, password);
  await page.goto(`/console/channel/${channel.id}/roles`);
  await page.getByLabel("Select Remo Removed").check();
  await page.getByRole("button", { name: "Delete selected" }).click();
  await expect(page.getByRole("dialog").getByText(removed.email)).toBeVisible();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Delete/ })
    .click();
  await expect(page).toHaveURL(/\/console$/);
  expect(complaints).toEqual([]);
});

test("an Admin of a provider removes people from it and from its channels, but not the last Admin of one", async ({
  page,
}) => {
  const { db } = database;
  const channel = await createChannel(db, { name: "Only desk" });
  const admin = await createUser(db, { name: "Pia Provider", password });
  await createProviderMember(db, channel.providerId, { userId: admin.id });
  const leaver = await createUser(db, { name: "Lee Leaver" });
  await createProviderMember(db, channel.providerId, { userId: leaver.id, role: "member" });
  await createMember(db, channel.id, { userId: leaver.id });
  await signIn(page, admin.email, password);
  await page.goto(`/console/provider/${channel.providerId}/roles`);
  const removeBoth = async () => {
    await page.getByLabel("Select Lee Leaver").check();
    await page.getByRole("button", { name: "Delete selected" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/all channels of this provider/).check();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Delete selected" }).click();
  };
  await removeBoth();
  await expect(page.getByText("Only desk would be left without an Admin")).toBeVisible();
  await createMember(db, channel.id);
  await page.reload();
  await removeBoth();
  await expect(page.getByRole("row", { name: /Lee Leaver/ })).toHaveCount(0);
  await expect.poll(() => db.channelMember.count({ where: { userId: leaver.id } })).toBe(0);
  await expect(page.getByText("One role was deleted.")).toBeVisible();

  await page.goto(`/console/provider/${channel.providerId}/settings`);
  await expect(page.getByText("1 channel must be deleted first.")).toBeVisible();
  await expect(page.getByText("One person loses their role.")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("without JavaScript roles are changed and deleted, a secret is shown, and a channel is left", async ({
  browser,
}) => {
  const { db } = database;
  const channel = await createChannel(db, {
    name: "Plain desk",
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const admin = await createUser(db, { name: "Ann Admin", password });
  await createMember(db, channel.id, { userId: admin.id });
  const other = await createUser(db, { name: "Olaf Other" });
  await createMember(db, channel.id, { userId: other.id, role: "tester" });
  const guest = await createUser(db, { name: "Gus Guest", password });
  await createMember(db, channel.id, { userId: guest.id, role: "tester" });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  gatherComplaints(page, complaints);
  await signIn(page, admin.email, password);

  await page.goto(`/console/channel/${channel.id}/roles`);
  await page.getByLabel("Role of Olaf Other").selectOption("member");
  await page
    .getByRole("row", { name: /Olaf Other/ })
    .getByRole("button", { name: "Change" })
    .click();
  await expect(page.getByText("The role was changed.")).toBeVisible();
  await expect(page.getByLabel("Role of Olaf Other")).toHaveValue("member");
  await page.getByRole("button", { name: "Delete selected" }).click();
  await expect(page.getByText("Choose someone first.")).toBeVisible();
  await page.getByLabel("Select Olaf Other").check();
  await page.getByRole("button", { name: "Delete selected" }).click();
  await expect(page.getByText("One role was deleted.")).toBeVisible();
  await expect(page.getByRole("row", { name: /Olaf Other/ })).toHaveCount(0);

  await page.goto(`/console/channel/${channel.id}/basics`);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.locator("code", { hasText: /^[0-9a-f]{32}$/ })).toBeVisible();
  await page.context().clearCookies();

  await signIn(page, guest.email, password);
  await page.goto(`/console/channel/${channel.id}/basics`);
  await page.locator("summary", { hasText: "Leave channel" }).click();
  await page.getByRole("button", { name: "Leave channel" }).click();
  await expect(page).toHaveURL(/\/console$/);
  expect(await db.channelMember.count({ where: { channelId: channel.id } })).toBe(1);
  await context.close();
  expect(complaints).toEqual([]);
});

test("the Errors page is used by keyboard alone", async ({ page }) => {
  await signIn(page, people.member, password);
  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  const row = page.getByRole("link", { name: /^Open / }).first();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    if (await row.evaluate((element) => element === document.activeElement)) break;
  }
  await expect(row).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("What happened")).toBeVisible();
  await expect(page).toHaveURL(/row=/);
  expect(complaints).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`on a narrow ${colorScheme} screen nothing runs over the edge, and the side bar is a sheet`, async ({
    browser,
  }) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 375, height: 800 },
    });
    const page = await context.newPage();
    gatherComplaints(page, complaints);
    await signIn(page, people.admin, password);
    for (const path of ["basics", "messaging-api", "statistics/errors", "roles"]) {
      await page.goto(`/console/channel/${channelId}/${path}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect([path, overflow]).toEqual([path, 0]);
      await expectAccessible(page);
    }
    await page.getByRole("button", { name: "Menu" }).click();
    await expect(page.getByRole("dialog").getByRole("link", { name: /Front desk$/ })).toBeVisible();
    await context.close();
    expect(complaints).toEqual([]);
  });
}
