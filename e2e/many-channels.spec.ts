import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createChannel, createMember, createProvider, createUser } from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";

let database: Database;
test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());

const sideBar = (page: Page) => page.getByRole("navigation", { name: "Providers and channels" });

/** A channel that has failed for a while, with errors in its statistics. */
async function fail(channelId: string): Promise<void> {
  await database.db.$executeRaw`
    insert into endpoint_health (channel_id, failing_since, shown_since, last_failure_at, failed_count, reason, detail)
    select ${channelId}, at, at, now() - interval '1 second', 9, 'error_status_code', '503'
      from (select now() - interval '20 minutes' as at) began`;
  await database.db.$executeRaw`
    insert into error_hours (channel_id, hour, reason, detail, error_count, first_attempt_count, first_at, last_at)
    values (${channelId}, date_trunc('hour', now()), 'error_status_code', '503', 7, 3, now(), now())`;
}

async function createChannels(userId: string, count: number, tag: string) {
  const provider = await createProvider(database.db, { name: `${tag} Works` });
  const ids: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    const channel = await createChannel(database.db, {
      name: `${tag} ${String(n).padStart(3, "0")}`,
      providerId: provider.id,
      webhookUrl: `https://${tag.toLowerCase()}-${n}.example/line`,
      useWebhook: true,
      webhookRedelivery: true,
      errorStatisticsAggregation: true,
      encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    });
    await createMember(database.db, channel.id, { userId });
    ids.push(channel.id);
  }
  return { provider, ids };
}

test("a provider and a channel stand in the side bar as soon as they are made", async ({
  page,
}) => {
  const complaints: string[] = [];
  gatherComplaints(page, complaints);
  const operator = await createUser(database.db, { isOperator: true, password });
  await signIn(page, operator.email, password);
  await page.getByRole("link", { name: "Create a provider" }).click();
  await page.getByLabel("Provider name").fill("Aaa Harbour Works");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveURL(/\/console\/provider\/[^/]+\/channels$/);
  await page.getByRole("link", { name: "Create a channel" }).click();
  await page.getByLabel("Channel name").fill("Ferry desk");
  await page.getByLabel("Channel description").fill("Tells when the ferry goes.");
  await page.getByRole("button", { name: "Create a channel" }).click();
  await expect(page).toHaveURL(/\/messaging-api$/);
  await expect(sideBar(page).getByRole("link", { name: /Ferry desk/ })).toBeVisible();
  await expect(sideBar(page).getByRole("link", { name: "Aaa Harbour Works" })).toBeVisible();
  expect(complaints).toEqual([]);
});

test("of many channels those that fail come first, each other is found, and lists say where they end", async ({
  page,
}) => {
  const complaints: string[] = [];
  gatherComplaints(page, complaints);
  const user = await createUser(database.db, { password });
  const { provider, ids } = await createChannels(user.id, 60, "Quay");
  const [, , failing = "", moment = ""] = ids;
  await fail(failing);
  // Too short to be shown as failing.
  await database.db.$executeRaw`
    insert into endpoint_health (channel_id, failing_since, last_failure_at, failed_count, reason, detail)
    values (${moment}, now() - interval '2 seconds', now() - interval '1 second', 2, 'request_timeout', 'Request timeout')`;
  await signIn(page, user.email, password);

  // What is wrong now.
  const wrong = page.getByRole("region", { name: "What is wrong now" });
  await expect(wrong).toContainText("1 channel fails.");
  await expect(wrong).toContainText("503");
  await expect(wrong).toContainText("9 failed attempts");
  await expect(wrong).toContainText("Email: not applied for");
  await expect(wrong).toContainText("Nothing waits for redelivery");
  await expectAccessible(page);

  // The number of errors leads to the errors.
  const errors = sideBar(page).getByRole("link", { name: "Quay 003: 7 errors in 24 h. Show them" });
  await errors.click();
  await expect(page).toHaveURL(new RegExp(`/channel/${failing}/statistics/errors\\?range=24h$`));

  // All of them, in pages.
  await sideBar(page).getByRole("link", { name: "All channels" }).click();
  const main = page.getByRole("main");
  await expect(main.getByRole("link", { name: /Quay 001/ })).toBeVisible();
  await expect(main.getByRole("link", { name: /Quay 060/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Next 50" }).click();
  await expect(main.getByRole("link", { name: /Quay 060/ })).toBeVisible();
  await expect(main.getByText("This is the end of the list.")).toBeVisible();
  await page.getByRole("searchbox", { name: "Name, ID or Webhook URL" }).fill("quay-58.example");
  await page.getByRole("button", { name: "Find" }).click();
  await expect(main.getByRole("link", { name: /Quay 058/ })).toBeVisible();
  await expect(main.getByRole("link", { name: /Quay 001/ })).toHaveCount(0);
  await page.goto(`/console/provider/${provider.id}/channels?q=nowhere`);
  await expect(main.getByText("No channel matches “nowhere”.")).toBeVisible();

  // What was opened stands in the side bar, and what is pinned stays.
  await page.goto(`/console/channels?q=${ids[40]}`);
  await main.getByRole("link", { name: /Quay 041/ }).click();
  await expect(sideBar(page).getByText("Opened last")).toBeVisible();
  await expect(sideBar(page).getByRole("link", { name: /Quay 041/ })).toBeVisible();
  await page.getByRole("button", { name: "Pin", exact: true }).click();
  await expect(page.getByRole("button", { name: "Unpin" })).toBeVisible();
  await expect(sideBar(page).getByText("Pinned")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("Ctrl K finds channels, providers and pages by the keyboard alone", async ({ page }) => {
  const complaints: string[] = [];
  gatherComplaints(page, complaints);
  const user = await createUser(database.db, { password });
  const { provider, ids } = await createChannels(user.id, 30, "Jetty");
  await signIn(page, user.email, password);
  await page.getByRole("link", { name: /^Search/ }).focus();
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Channel, provider or page" });
  await expect(box).toBeFocused();
  await box.fill("jetty 02");
  const options = page.getByRole("option");
  await expect(options.first()).toContainText("Jetty 020");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await expectAccessible(page);
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: /Jetty 021/ })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/channel/${ids[20]}/`));
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.keyboard.press("Control+k");
  await box.fill("jetty works");
  await expect(options.first()).toContainText("Jetty Works");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/provider/${provider.id}/channels$`));

  // Enter before the answer has come: it goes where that leads, not to what stood there before.
  let release = (): void => undefined;
  const held = new Promise<void>((settle) => {
    release = settle;
  });
  await page.route(/\/console\/search\?q=jetty\+01/, async (route) => {
    await held;
    await route.continue();
  });
  await page.keyboard.press("Control+k");
  await expect(options.first()).toContainText("Jetty");
  await box.fill("jetty 01");
  await page.keyboard.press("Enter");
  await expect(box).toBeFocused();
  release();
  await expect(page).toHaveURL(new RegExp(`/channel/${ids[9]}/`));

  // A search that fails leaves nothing of the one before: Enter goes nowhere.
  await page.route(/\/console\/search\?q=jetty\+02x/, (route) => route.fulfill({ status: 503 }));
  await page.keyboard.press("Control+k");
  await box.fill("jetty 02");
  await expect(options.first()).toContainText("Jetty 020");
  await box.fill("jetty 02x");
  await expect(page.getByText(/could not be carried out/)).toBeVisible();
  await expect(options).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(box).toBeFocused();
  await page.keyboard.press("Escape");
  // Chromium tells of the 503 in its own words.
  expect(complaints.splice(0)).toEqual([expect.stringContaining("503")]);

  await page.getByRole("link", { name: /^Search/ }).click();
  await box.fill("your account");
  await expect(options).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: /^Search/ })).toBeFocused();
  await page.keyboard.press("Control+k");
  await box.fill("zzzz");
  await expect(page.getByText("Nothing matches “zzzz”.")).toBeVisible();
  expect(complaints).toEqual([]);
});
