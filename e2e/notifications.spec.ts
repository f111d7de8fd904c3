import { expect, type Page } from "@playwright/test";
import type { ParsedMail } from "mailparser";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, createMember, createUser, testActor } from "#testing/factories.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { startTestMailServer, type TestMailServer } from "./support/mail-server.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { botPort, smtpPort } from "./support/ports.ts";
import { postEvents } from "./support/post-events.ts";

const password = "correct horse battery";
const address = "ticket-desk@example.com";

let bot: TestBotServer;
let mailServer: TestMailServer;
let database: Database;
let channelId: string;
let platformKey: string;
const people = { admin: "", operator: "" };
const complaints: string[] = [];

test.beforeAll(async () => {
  bot = await startTestBotServer(botPort);
  mailServer = await startTestMailServer(smtpPort);
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  const secret = "0123456789abcdef0123456789abcdef";
  const channel = await createChannel(db, {
    name: "Ticket desk",
    email: address,
    emailVerifiedAt: null,
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
    useWebhook: true,
    errorStatisticsAggregation: true,
    secret,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  bot.expectSecret(secret);
  channelId = channel.id;
  const admin = await createUser(db, { name: "Ada Admin", password });
  await createMember(db, channelId, { userId: admin.id });
  people.admin = admin.email;
  people.operator = (await createUser(db, { name: "Otto", isOperator: true, password })).email;
  platformKey = (await createPlatformKey(db, testActor, { name: "Journey" })).key;
});
test.afterAll(async () => {
  await bot.stop();
  await mailServer.stop();
  await database.close();
});
test.beforeEach(({ page }) => gatherComplaints(page, complaints));

const recipientOf = (mail: ParsedMail): string | undefined =>
  [mail.to].flat()[0]?.value[0]?.address;

/** The mail to this address with this in its subject, once it has come. */
async function mailTo(recipient: string, subject: string): Promise<ParsedMail> {
  const found = () =>
    mailServer.mails.filter(
      (mail) => recipientOf(mail) === recipient && mail.subject?.includes(subject),
    );
  await expect.poll(() => found().length).toBe(1);
  const [mail] = found();
  if (mail === undefined) throw new Error("no mail");
  return mail;
}

/** The first link of a mail's text that leads there. */
function linkIn(mail: ParsedMail, path: string): string {
  const link = mail.text?.match(/https?:\/\/\S+/g)?.find((url) => url.includes(path));
  if (link === undefined) throw new Error(`no link to ${path} in: ${mail.text}`);
  return link;
}

const tab = (page: Page) => page.goto(`/console/channel/${channelId}/notifications`);

test("apply, approve, failure, mail, and its link leads to the right view; one click ends the mails", async ({
  page,
  browser,
}) => {
  await signIn(page, people.admin, password);
  await tab(page);
  await expect(page.getByText("not applied for").first()).toBeVisible();
  await expect(
    page.getByText("No error emails are sent: this function is for channels"),
  ).toBeVisible();
  await expectAccessible(page);

  // The channel's address is confirmed by the link of a mail, once, and not by looking at it.
  await page.getByRole("button", { name: "Send the link again" }).click();
  const asked = await mailTo(address, "Confirm this address");
  const visitor = await (await browser.newContext()).newPage();
  await visitor.goto(linkIn(asked, "/confirm-address/"));
  await expect(visitor.getByText("Ticket desk has ticket-desk@example.com")).toBeVisible();
  await expectAccessible(visitor);
  await tab(page);
  await expect(page.getByText("not verified", { exact: true })).toBeVisible();
  await visitor.getByRole("button", { name: "Confirm the address" }).click();
  await expect(
    visitor.getByText("Confirmed. From now on, the channel’s error emails"),
  ).toBeVisible();
  await visitor.reload();
  await expect(visitor.getByText("is already confirmed")).toBeVisible();

  // Without the function a failure is counted and told to nobody.
  bot.answerWith(500);
  await postEvents(platformKey, channelId, 1);
  await expect.poll(() => bot.received.length).toBe(1);
  await expect(async () => {
    await tab(page);
    const told = page.getByText("No mail: the error notification is not approved");
    await expect(told).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 120_000 });

  // Apply.
  await page.getByLabel("Company").fill("Northline Railways");
  await page.getByLabel("Contact").fill("Ada, 555-0100");
  await page.getByLabel("Reason").fill("Travellers wait for answers.");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("waiting for approval").first()).toBeVisible();

  // Approve.
  const operator = await (await browser.newContext()).newPage();
  gatherComplaints(operator, complaints);
  await signIn(operator, people.operator, password);
  await operator.goto("/console/operations/applications");
  await expect(operator.getByText("Travellers wait for answers.")).toBeVisible();
  await expectAccessible(operator);
  await operator.getByRole("button", { name: "Approve: Ticket desk" }).click();
  await expect(
    operator.getByText("The error notification of Ticket desk is approved."),
  ).toBeVisible();
  await mailTo(people.admin, "The error notification is approved");
  await tab(page);
  await expect(page.getByText(/Error emails have been sent since/)).toBeVisible();

  // A failure of three, and one mail to each address that counts what the bot server refused.
  bot.received.length = 0;
  await postEvents(platformKey, channelId, 3);
  await expect.poll(() => bot.received.length).toBe(3);
  const subject = "Messaging API: Your bot server returned no response or an error - Ticket desk";
  const mail = await mailTo(people.admin, subject);
  const own = await mailTo(address, subject);
  expect(mail.text).toContain("Error count: 3\n");
  expect(own.text).toContain("Error count: 3\n");

  // Its link leads to exactly these errors.
  await page.goto(linkIn(mail, "/statistics/errors"));
  const table = page.getByRole("table", { name: "Errors", exact: true });
  await expect(table.getByRole("cell", { name: "500", exact: true }).first()).toBeVisible();
  expect(new URL(page.url()).searchParams.get("status")).toBe("500");

  // The tab tells of it, with the mail itself.
  await tab(page);
  const row = page.getByRole("row", { name: /Error detected/ }).first();
  await expect(row.getByText("Sent").first()).toBeVisible();
  await expectAccessible(page);
  await row.getByRole("link", { name: people.admin }).click();
  const frame = page.frameLocator('iframe[title="The email as its recipient sees it"]');
  await expect(frame.getByText("Your bot server did not accept a webhook")).toBeVisible();

  // A mail program ends the mails with one click; looking at the link ends nothing.
  const link = linkIn(own, "/unsubscribe/");
  await visitor.goto(link);
  await expect(visitor.getByRole("button", { name: "Stop the emails" })).toBeVisible();
  await expectAccessible(visitor);
  const header = own.headerLines.find(({ key }) => key === "list-unsubscribe")?.line ?? "";
  expect(header.replaceAll(/\s+/g, "")).toContain(`<${link}/one-click>`);
  const looked = await fetch(`${link}/one-click`, { redirect: "manual" });
  expect([looked.status, looked.headers.get("location")]).toEqual([303, link]);
  await tab(page);
  await expect(page.getByText("emails off")).toHaveCount(0);
  const clicked = await fetch(`${link}/one-click`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
  });
  expect(clicked.status).toBe(200);
  await tab(page);
  await expect(page.getByText("emails off")).toBeVisible();

  // The last one who hears of stopped redeliveries cannot be silenced by accident.
  await page.getByLabel("Redelivery stopped").nth(1).uncheck();
  await page.getByRole("button", { name: "Save", exact: true }).nth(1).click();
  await expect(
    page.getByText("Then nobody would be notified of stopped redeliveries."),
  ).toBeVisible();
  await page.getByLabel("Nobody needs to be notified of stopped redeliveries").check();
  await page.getByRole("button", { name: "Save", exact: true }).nth(1).click();
  await expect(page.getByText("Nobody is notified of stopped redeliveries: turn")).toBeVisible();
  // The sandbox of the mail's frame refuses the script that this test looks into it with.
  const others = complaints.filter(
    (one) => !one.includes("Blocked script execution in 'about:srcdoc'"),
  );
  expect(others).toEqual([]);
});
