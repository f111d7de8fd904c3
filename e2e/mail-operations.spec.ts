import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createUser } from "#testing/factories.ts";
import { startTestMailServer, type TestMailServer } from "./support/mail-server.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { smtpPort } from "./support/ports.ts";

const password = "correct horse battery";

let database: Database;
test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());

let mailServer: TestMailServer;
test.beforeAll(async () => {
  mailServer = await startTestMailServer(smtpPort);
});
test.afterAll(() => mailServer.stop());

test("an operator reads what stands in the way of mails, lifts several addresses, and sends again what failed", async ({
  page,
}) => {
  const { db } = database;
  const complaints: string[] = [];
  gatherComplaints(page, complaints);
  const operator = await createUser(db, { name: "Mara Mailroom", isOperator: true, password });
  const addresses = ["lift-1@example.com", "lift-2@example.com", "lift-3@example.com"];
  for (const addressKey of addresses) {
    await db.suppressedAddress.create({ data: { addressKey, answer: "550 5.1.1 no such user" } });
  }
  const words = { locale: "en", subject: "Refused for its sender", html: "<p>x</p>", text: "x" };
  const refused = await db.mail.create({
    data: {
      ...{ recipient: "again@example.com", ...words, messageId: "<again-1@example.com>" },
      ...{ state: "failed", trouble: "sender", lastError: "550 5.1.8 Domain not found" },
    },
  });
  await db.mailNotice.create({ data: { kind: "sender", answer: "550 5.1.8 Domain not found" } });

  await signIn(page, operator.email, password);
  await page.goto("/console/operations/addresses");
  const notice = page
    .getByRole("alert")
    .filter({ hasText: "refuses emails because of their sender" });
  await expect(notice).toContainText("Set MAIL_FROM");
  await expect(notice).toContainText("550 5.1.8 Domain not found");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Allow several" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: "lift-2@example.com" }).uncheck();
  await dialog.getByRole("button", { name: "Allow again" }).click();
  await expect(page.getByRole("row", { name: /lift-1@example\.com/ })).toHaveCount(0);
  await expect(page.getByRole("row", { name: /lift-2@example\.com/ })).toBeVisible();

  await page.goto("/console/operations/outbox");
  await expect(page.getByText("can be sent again").first()).toBeVisible();
  await page.getByRole("button", { name: /^Send (it|them) again$/ }).click();
  const stateOf = async () => (await db.mail.findUnique({ where: { id: refused.id } }))?.state;
  await expect.poll(stateOf).toBe("sent");
  await notice.getByRole("button", { name: "Dismiss this notice" }).click();
  await expect(notice).toHaveCount(0);

  await page.getByRole("button", { name: "Send a test email to me" }).click();
  const testMail = { recipient: operator.email, kind: "server_test" };
  const testState = async () => (await db.mail.findFirst({ where: testMail }))?.state;
  await expect.poll(testState).toBe("sent");
  await page.reload();
  await page.getByRole("link", { name: "Test of the mail server" }).first().click();
  await expect(page.getByRole("heading", { name: "Test of the mail server" })).toBeVisible();
  expect(complaints).toEqual([]);
});
