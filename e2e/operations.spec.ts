import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import {
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
} from "#testing/factories.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";

const password = "correct horse battery";

let database: Database;
test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());

test("an operator finds a provider and disables it; its Admin sees why nothing is sent, and gets it back", async ({
  page,
  browser,
}) => {
  const { db } = database;
  const complaints: string[] = [];
  const operator = await createUser(db, { name: "Ole Operator", isOperator: true, password });
  const admin = await createUser(db, { name: "Ava Admin", password });
  const provider = await createProvider(db, { name: "Lighthouse Goods" });
  await createProviderMember(db, provider.id, { userId: admin.id });
  const channel = await createChannel(db, {
    name: "Lamp desk",
    providerId: provider.id,
    webhookUrl: "https://lamp.example.com/",
    useWebhook: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  await createMember(db, channel.id, { userId: admin.id });
  gatherComplaints(page, complaints);

  await signIn(page, operator.email, password);
  await page.goto("/console/operations/providers");
  await page.getByRole("searchbox", { name: "Name or ID" }).fill("lighthouse");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("button", { name: "Disable Lighthouse Goods" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(page.getByRole("row", { name: /Lighthouse Goods/ })).toContainText("disabled");
  await expectAccessible(page);

  const context = await browser.newContext();
  const adminPage = await context.newPage();
  gatherComplaints(adminPage, complaints);
  await signIn(adminPage, admin.email, password);
  await adminPage.goto(`/console/provider/${provider.id}/channels/new`);
  await expect(adminPage).toHaveURL(new RegExp(`/provider/${provider.id}/channels$`));
  await expect(adminPage.getByText("An operator has disabled this provider")).toBeVisible();
  await expect(adminPage.getByRole("link", { name: "Create a channel" })).toHaveCount(0);
  await adminPage.goto(`/console/channel/${channel.id}/messaging-api`);
  await expect(adminPage.getByText("An operator has disabled this channel")).toBeVisible();
  await expect(adminPage.getByRole("switch", { name: "Use webhook" })).not.toBeChecked();

  await page.goto("/console/operations/channels?q=Lamp");
  await expect(page.getByRole("row", { name: /Lamp desk/ })).toContainText("disabled");
  await expect(page.getByRole("button", { name: "Enable Lamp desk" })).toHaveCount(0);
  await page.getByRole("link", { name: "Provider is disabled" }).click();
  await page.getByRole("button", { name: "Enable Lighthouse Goods" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await expect(page.getByRole("row", { name: /Lighthouse Goods/ })).not.toContainText("disabled");
  await page.goto("/console/operations/channels?q=Lamp");
  await page.getByRole("button", { name: "Enable Lamp desk" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await expect(page.getByRole("row", { name: /Lamp desk/ })).not.toContainText("disabled");
  await adminPage.reload();
  await adminPage.getByRole("switch", { name: "Use webhook" }).click();
  await expect
    .poll(() => db.channel.findUnique({ where: { id: channel.id }, select: { useWebhook: true } }))
    .toEqual({ useWebhook: true });
  await context.close();
  expect(complaints).toEqual([]);
});
