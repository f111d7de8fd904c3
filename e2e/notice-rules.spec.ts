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
