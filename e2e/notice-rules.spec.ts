import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, type Page, test } from "@playwright/test";
import { type Database, openDatabase } from "#lib/db.ts";
import { keepCertificates } from "#lib/endpoint-health/keep-certificates.ts";
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
async function openChannel(page: Page, name: string): Promise<string> {
  const { db } = database;
  const channel = await createChannel(db, {
    ...{ name, webhookUrl: "https://bot.example.com/hook", useWebhook: true },
    emailVerifiedAt: null,
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
    .poll(() => requests.map(({ path }) => path).sort())
    .toEqual(["/discord", "/line", "/pagerduty", "/teams"]);
  expect(requests.find(({ path }) => path === "/pagerduty")?.body).toContain(key);
  expect(requests.find(({ path }) => path === "/line")?.authorization).toBe(`Bearer ${token}`);

  const answered = () => database.db.alert.count({ where: { channelId, triedAt: { not: null } } });
  await expect.poll(answered).toBe(4);
  await page.reload();
  expect(await page.content()).not.toContain(key);
  expect(await page.content()).not.toContain(token);
  await page.getByText("Last alerts (1) Discord").click();
  await expect(page.getByText('{"message":"Unknown Webhook"}')).toBeVisible();
  await page.getByText("Last alerts (1) PagerDuty").click();
  const incidents = page.getByRole("listitem").filter({ hasText: "Last alerts (1) PagerDuty" });
  await expect(incidents.getByText("answer 202")).toBeVisible();
  await expectAccessible(page);
  expect(complaints).toEqual([]);
  service.closeAllConnections();
  await new Promise((settle) => service.close(settle));
});
