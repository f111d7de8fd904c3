import { HTTPFetchError, messagingApi } from "@line/bot-sdk";
import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { enginePort } from "./support/ports.ts";

const password = "correct horse battery";

let database: Database;
test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());

const botWith = (channelAccessToken: string) =>
  new messagingApi.MessagingApiClient({
    channelAccessToken,
    baseURL: `http://127.0.0.1:${enginePort}`,
  });
const statusOf = (call: Promise<unknown>) =>
  call.then(
    () => 200,
    (error: unknown) => (error instanceof HTTPFetchError ? error.status : String(error)),
  );

test("an Admin issues an access token, the bot moves its own Webhook URL with it, and loses it when it is revoked", async ({
  page,
}) => {
  const { db } = database;
  const complaints: string[] = [];
  const admin = await createUser(db, { name: "Tia Admin", password });
  const channel = await createChannel(db, {
    name: "Token desk",
    webhookUrl: "https://token.example.com/old",
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  await createMember(db, channel.id, { userId: admin.id });
  gatherComplaints(page, complaints);
  await signIn(page, admin.email, password);
  await page.goto(`/console/channel/${channel.id}/messaging-api`);
  await expect(page.getByText("None has been issued.")).toBeVisible();
  const shown = page.getByText(/^tct_[\w-]{43}$/);
  const takeToken = async (): Promise<string> => (await shown.textContent()) ?? "";

  await page.getByRole("button", { name: "Issue", exact: true }).click();
  const first = await takeToken();
  await expect(page.getByText("valid", { exact: true })).toHaveCount(1);
  await expectAccessible(page);
  await botWith(first).setWebhookEndpoint({ endpoint: "https://token.example.com/new" });
  await page.reload();
  await expect(page.getByText("https://token.example.com/new")).toBeVisible();
  await expect(shown).toHaveCount(0);

  await page.getByLabel("Keep the previous token valid for").selectOption("6");
  await page.getByRole("button", { name: "Reissue" }).click();
  await expect(page.getByText(/^ends /)).toBeVisible();
  const second = await takeToken();
  expect(second).not.toBe(first);
  for (const token of [first, second]) {
    expect(await statusOf(botWith(token).getWebhookEndpoint())).toBe(200);
  }

  await page.getByLabel("Keep the previous token valid for").selectOption("0");
  await page.getByRole("button", { name: "Reissue" }).click();
  await expect(page.getByText(/^ends /)).toHaveCount(0);
  const third = await takeToken();
  expect(await statusOf(botWith(first).getWebhookEndpoint())).toBe(401);
  expect(await statusOf(botWith(second).getWebhookEndpoint())).toBe(401);
  expect(await statusOf(botWith(third).getWebhookEndpoint())).toBe(200);

  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("None has been issued.")).toBeVisible();
  await expect(shown).toHaveCount(0);
  expect(await statusOf(botWith(third).getWebhookEndpoint())).toBe(401);

  await page.goto(`/console/channel/${channel.id}/audit`);
  await expect(page.getByRole("row", { name: /Channel access tokens revoked/ })).toHaveCount(1);
  await expect(page.getByRole("row", { name: /Webhook URL/ })).toContainText("Token desk");
  expect(complaints).toEqual([]);
});
