import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, inTransaction, openDatabase } from "#lib/db.ts";
import { keepCertificates } from "#lib/endpoint-health/keep-certificates.ts";
import { countIntoWindows } from "#lib/notifications/count-failures.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";
const dayMs = 86_400_000;

let database: Database;
const complaints: string[] = [];
test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());
test.beforeEach(({ page }) => gatherComplaints(page, complaints));

/** A channel with the function whose only Admin is signed in. */
async function openChannel(
  page: Page,
  name: string,
  errorStatisticsAggregation = false,
): Promise<string> {
  const { db } = database;
  const channel = await createChannel(db, {
    ...{ name, webhookUrl: "https://bot.example.com/hook", useWebhook: true },
    ...{ emailVerifiedAt: null, errorStatisticsAggregation },
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const admin = await createUser(db, { name: "Rita Rules", password });
  await createMember(db, channel.id, { userId: admin.id });
  await approveNotification(db, channel.id);
  await signIn(page, admin.email, password);
  return channel.id;
}

test("an Admin sees when the bot server's certificate ends, and what the notification about it leads to", async ({
  page,
}) => {
  test.setTimeout(300_000);
  const channelId = await openChannel(page, "Certified");
  const path = `/console/channel/${channelId}`;
  await page.goto(`${path}/messaging-api`);
  await expect(page.getByText("Certificate of")).toHaveCount(0);

  // As deliveries leave it; that they do is held by certificates.integration.test.ts with real servers.
  await keepCertificates(database.pool, [
    {
      ...{ channelId, url: "https://bot.example.com/hook", fingerprint: "f".repeat(64) },
      notBefore: new Date(Date.now() - 80 * dayMs),
      notAfter: new Date(Date.now() + 6.5 * dayMs),
      ...{ firstAgoMs: 0, agoMs: 0 },
    },
  ]);
  await page.reload();
  await expect(page.getByText("Certificate of bot.example.com")).toBeVisible();
  await expect(page.getByText("6 days left")).toBeVisible();
  await expectAccessible(page);

  // The engine looks once a minute.
  const told = page.getByRole("link", { name: "Certificate ends" });
  await expect
    .poll(
      async () => {
        await page.goto(`${path}/notifications`);
        return told.count();
      },
      { timeout: 240_000, intervals: [2_000] },
    )
    .toBe(1);
  await expect(page.getByText(/Certificate of bot\.example\.com ends \d{4}-/)).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Certificate ends" }).first()).toBeChecked();
  await told.click();
  await expect(page).toHaveURL(new RegExp(`${path}/messaging-api#certificate$`));
  expect(complaints).toEqual([]);
});

test("an Admin adds each kind of alert target by its own form, tests it, and reads what was answered", async ({
  page,
}) => {
  test.setTimeout(300_000);
  const requests: { path: string; authorization: string | undefined; body: string }[] = [];
  const service = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url: at = "", headers } = request;
      const body = Buffer.concat(chunks).toString();
      requests.push({ path: at, authorization: headers.authorization, body });
      response.writeHead(at === "/discord" ? 404 : 202, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: at === "/discord" ? "Unknown Webhook" : "taken" }));
    });
  });
  await new Promise<void>((settle) => service.listen(0, "127.0.0.1", settle));
  const base = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const channelId = await openChannel(page, "Alarmed");
  await page.goto(`/console/channel/${channelId}/notifications`);

  const key = "k".repeat(32);
  const token = "access.token/0123456789+=";
  const kinds: [title: string, fields: Readonly<Record<string, string>>][] = [
    ["Microsoft Teams", { URL: `${base}/teams` }],
    ["Discord", { URL: `${base}/discord` }],
    ["PagerDuty", { "Integration key": key, "Address (optional)": `${base}/pagerduty` }],
    [
      "LINE message",
      {
        ...{ "Channel access token": token, "User or group ID": `U${"1".repeat(32)}` },
        "Address (optional)": `${base}/line`,
      },
    ],
  ];
  for (const [title, fields] of kinds) {
    await page.locator("summary").filter({ hasText: title }).click();
    const form = page.getByRole("form", { name: title });
    // Left out first: the form says what it needs, and keeps no secret.
    if (title === "LINE message") {
      await form.getByLabel("Channel access token").fill(token);
      await form.getByLabel("User or group ID").fill("someone");
      await form.getByRole("button", { name: "Add", exact: true }).click();
      await expect(form.getByText("This is not a user, group or room ID")).toBeVisible();
      await expect(form.getByLabel("Channel access token")).toHaveValue("");
      await expectAccessible(page);
    }
    for (const [label, value] of Object.entries(fields)) await form.getByLabel(label).fill(value);
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: `Test ${title}` }).click();
  }
  await expect
    .poll(() => [...new Set(requests.map(({ path }) => path))].sort())
    .toEqual(["/discord", "/line", "/pagerduty", "/teams"]);
  expect(requests.find(({ path }) => path === "/pagerduty")?.body).toContain(key);
  expect(requests.find(({ path }) => path === "/line")?.authorization).toBe(`Bearer ${token}`);

  const answered = async () => {
    const where = { channelId, triedAt: { not: null } };
    return (await database.db.alert.groupBy({ by: ["targetId"], where })).length;
  };
  await expect.poll(answered).toBe(4);
  await page.reload();
  expect(await page.content()).not.toContain(key);
  expect(await page.content()).not.toContain(token);
  await page.getByText("Last alerts (1) Discord").click();
  await expect(page.getByText('{"message":"Unknown Webhook"}')).toBeVisible();
  // Two once the incident of the test has been resolved, a minute after it.
  const ofPagerDuty = /Last alerts \([12]\) PagerDuty/;
  await page.getByText(ofPagerDuty).click();
  const incidents = page.getByRole("listitem").filter({ hasText: ofPagerDuty });
  await expect(incidents.getByText("answer 202").last()).toBeVisible();
  await expectAccessible(page);
  expect(complaints).toEqual([]);
  service.closeAllConnections();
  await new Promise((settle) => service.close(settle));
});

test("an Admin sets from how many errors on people are notified, sees why nobody is, and gets what was held with the rest", async ({
  page,
  browser,
}) => {
  test.setTimeout(300_000);
  const channelId = await openChannel(page, "Thresholds", true);
  const path = `/console/channel/${channelId}`;
  const { db, pool } = database;
  const fail = (errorCount: number) =>
    inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ now: Date }>("select now() as now");
      const failure = {
        ...{ channelId, type: "error_detected" as const, statusCode: 500, errorCount },
        ...{ reason: "error_status_code" as const, detail: "500" },
      };
      const occurredAt = rows[0]?.now ?? new Date(0);
      // Open until the test ends it, so that there is time to read what the pages say of it.
      await countIntoWindows(client, [{ ...failure, occurredAt }], 3_600_000);
    });
  const endWindow = () =>
    pool.query(
      "update notification_windows set closes_at = opened_at + interval '1 second' where channel_id = $1",
      [channelId],
    );

  // Left out first: the form says what it needs, and keeps what was chosen.
  await page.goto(`${path}/notifications`);
  const card = page.locator("#threshold");
  await expect(card.getByLabel("Every error")).toBeChecked();
  await card.getByLabel("A rate").check();
  await card.getByRole("button", { name: "Save" }).click();
  await expect(card.getByText("This field is required.")).toBeVisible();
  await expect(card.getByLabel("A rate")).toBeChecked();
  await expectAccessible(page);

  // A number chooses its kind.
  await card.getByLabel("errors within 5 seconds").fill("10");
  await expect(card.getByLabel("A number of errors")).toBeChecked();
  await card.getByRole("button", { name: "Save" }).click();
  await expect(card.getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(card.getByLabel("A number of errors")).toBeChecked();
  await expect(card.getByLabel("errors within 5 seconds")).toHaveValue("10");

  // Below it: said while it is counted, and in the history once it was.
  await fail(4);
  await createErrors(pool, channelId, [makeError({ occurredAt: new Date(Date.now() - 60_000) })]);
  await page.goto(`${path}/statistics/errors`);
  const said = page.getByRole("link", { name: "below 10 errors within 5 seconds" });
  await expect(said.first()).toBeVisible();
  await said.first().click();
  await expect(page).toHaveURL(new RegExp(`${path}/notifications#threshold$`));
  await endWindow();
  const row = page.getByRole("row", { name: /Error detected/ });
  const why = row.getByText("No mail: below the notification threshold");
  await expect
    .poll(
      async () => {
        await page.goto(`${path}/notifications`);
        return why.count();
      },
      { timeout: 120_000, intervals: [1_000] },
    )
    .toBe(1);
  await expect(row).toHaveCount(1);
  await expectAccessible(page);

  // Without JavaScript, and with what was held.
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const plainPage = await plain.newPage();
  await plainPage.goto(`${path}/notifications`);
  const plainCard = plainPage.locator("#threshold");
  await plainCard.getByLabel("A share of attempts").check();
  await plainCard.getByLabel("% of all attempts").fill("20");
  await plainCard.getByRole("button", { name: "Save" }).click();
  await expect(plainCard.getByText("Saved.")).toBeVisible();
  await expect(plainCard.getByLabel("A share of attempts")).toBeChecked();
  await plainCard.getByLabel("Every error").check();
  await plainCard.getByRole("button", { name: "Save" }).click();
  await expect(plainCard.getByText("Saved.")).toBeVisible();
  await expect(plainCard.getByLabel("Every error")).toBeChecked();
  await plain.close();

  await fail(3);
  await endWindow();
  const told = () =>
    db.notification.findFirst({ where: { channelId, untold: null, settledAt: { not: null } } });
  await expect.poll(told, { timeout: 120_000 }).toMatchObject({ errorCount: 3, heldCount: 4 });
  const mail = () => db.mail.findFirst({ where: { channelId } });
  await expect
    .poll(async () => (await mail())?.text, { timeout: 120_000 })
    .toContain("4 more errors of this kind have been counted before without an email");

  // And the audit log says who set it to what.
  await page.goto(`${path}/audit`);
  const changes = page.getByRole("row", { name: /Notification threshold changed/ });
  await expect(changes).toHaveCount(3);
  await expect(changes.last()).toContainText("Notified from: errors in a window");
  expect(complaints).toEqual([]);
});
