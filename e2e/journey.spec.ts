import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { allowMails } from "./support/allow-mails.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { startTestMailServer, type TestMailServer } from "./support/mail-server.ts";
import { expectAccessible, gatherComplaints } from "./support/page-checks.ts";
import { botPort, smtpPort } from "./support/ports.ts";
import { postEvents } from "./support/post-events.ts";

const operator = {
  name: "Olga Operator",
  email: "olga@example.com",
  password: "correct horse battery",
};
const channel = { name: "Orders bot", email: "orders@example.com" };

let bot: TestBotServer;
let mailServer: TestMailServer;
const complaints: string[] = [];

test.beforeAll(async () => {
  bot = await startTestBotServer(botPort);
  mailServer = await startTestMailServer(smtpPort);
});
test.afterAll(async () => {
  await bot.stop();
  await mailServer.stop();
});
test.beforeEach(({ page }) => gatherComplaints(page, complaints));

async function switchOn(page: Page, name: string, confirm?: string): Promise<void> {
  const control = page.getByRole("switch", { name, exact: true });
  await control.click();
  if (confirm !== undefined) await page.getByRole("button", { name: confirm, exact: true }).click();
  await expect(control).toBeChecked();
  await expect(control).not.toHaveAttribute("aria-busy", "true");
}

test("a failure travels from the bot server to the screen, the file and the mail, and its recovery is seen", async ({
  page,
}) => {
  // First visit: set-up.
  await page.goto("/");
  await expect(page).toHaveURL(/\/setup$/);
  await expectAccessible(page);
  await page.getByLabel("Your name").fill(operator.name);
  await page.getByLabel("Email address").fill(operator.email);
  await page.getByLabel("Password").fill(operator.password);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page).toHaveURL(/\/(console|sign-in)/);

  // Signing out and in again.
  if (page.url().includes("/console")) {
    await page.getByRole("button", { name: /account|olga/i }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
  }
  await expect(page).toHaveURL(/\/sign-in/);
  await expectAccessible(page);
  await page.getByLabel("Email address").fill(operator.email);
  await page.getByLabel("Password").fill(operator.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/console$/);
  await expectAccessible(page);

  // A provider and a channel.
  await page.getByRole("link", { name: "Create a provider" }).first().click();
  await page.getByLabel("Provider name").fill("Harbour Coffee");
  await page.getByRole("button", { name: /create/i }).click();
  await expect(page).toHaveURL(/\/console\/provider\/\d{10}/);
  await page.getByRole("link", { name: "Create a channel" }).first().click();
  await page.getByLabel("Channel name").fill(channel.name);
  await page.getByLabel("Channel description").fill("Takes orders.");
  await page.getByLabel("Email address").fill(channel.email);
  await page.getByRole("button", { name: /create/i }).click();
  await expect(page).toHaveURL(/\/console\/channel\/\d{10}\/messaging-api/);
  const channelId = /channel\/(\d{10})/.exec(page.url())?.[1] ?? "";
  await allowMails(channelId);
  await expectAccessible(page);

  // The secret, for the bot server's own signature check.
  await page.getByRole("link", { name: "Basic settings" }).click();
  await expect(page).toHaveURL(/\/basics$/);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Show" }).click();
  const secret = await page.getByText(/^[0-9a-f]{32}$/).textContent();
  bot.expectSecret(secret ?? "");

  // URL and switches; until aggregation is on, the Errors page says how to turn it on.
  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  await expect(page.getByRole("heading", { name: "Errors are not being counted" })).toBeVisible();
  await expectAccessible(page);
  await page.goto(`/console/channel/${channelId}/messaging-api`);
  await page.getByLabel("Webhook URL").fill(`http://127.0.0.1:${botPort}/webhook`);
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The Webhook URL was updated.")).toBeVisible();
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("The bot server answered 200")).toBeVisible();
  expect(bot.received.map(({ body, isSigned }) => [JSON.parse(body).events, isSigned])).toEqual([
    [[], true],
  ]);
  await switchOn(page, "Use webhook");
  await switchOn(page, "Webhook redelivery", "Turn on");
  await switchOn(page, "Error statistics aggregation");
  await expectAccessible(page);

  // A platform key, shown once.
  await page.goto("/console/operations/platform-keys");
  await page.getByLabel("Name").fill("Messaging platform");
  await page.getByRole("button", { name: "Create a key" }).click();
  const key = (await page.getByText(/^tpk_[\w-]{43}$/).textContent()) ?? "";
  await expectAccessible(page);

  // The bot server fails, and five events are posted.
  bot.answerWith(500);
  bot.received.length = 0;
  const event = { type: "message", message: { type: "text", id: "1", text: "🤨" } };
  await postEvents(key, channelId, 5, event);
  await expect.poll(() => bot.received.length, { intervals: [50] }).toBeGreaterThanOrEqual(5);
  // Then it recovers: what failed so far is known, and what comes again is taken.
  bot.answerWith(200);
  await expect
    .poll(() => bot.received.filter(({ answeredWith }) => answeredWith === 200).length)
    .toBe(5);
  const failures = bot.received.filter(({ answeredWith }) => answeredWith === 500);
  const redeliveries = bot.received.filter(({ answeredWith }) => answeredWith === 200);
  expect(bot.received.every(({ isSigned }) => isSigned)).toBe(true);
  expect(
    redeliveries.every(({ body }) => JSON.parse(body).events[0].deliveryContext.isRedelivery),
  ).toBe(true);

  // Table and chart agree with what the bot server did.
  await page.goto(`/console/channel/${channelId}/statistics/errors`);
  const table = page.getByRole("table", { name: "Errors", exact: true });
  await expect(table.getByText("error_status_code").first()).toBeVisible();
  await expect(table.getByRole("cell", { name: "500", exact: true }).first()).toBeVisible();
  await expect(page.locator(".recharts-bar-rectangle").first()).toBeVisible();
  await expect(page.getByText("UTC+9").first()).toBeVisible();
  await expectAccessible(page);

  // The file.
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download as TSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`${channelId}.*\\.tsv$`));
  const lines = (await readFile(await download.path(), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  expect(lines[0]).toEqual(["Date", "Start", "End", "Reason", "Detail", "Errors"]);
  expect(
    lines.slice(1).every((cells) => cells[3] === "error_status_code" && cells[4] === "500"),
  ).toBe(true);
  expect(lines.slice(1).reduce((sum, cells) => sum + Number(cells[5]), 0)).toBe(failures.length);

  // A row opens into cause, fix and the single errors, whose webhooks were delivered in the end.
  await table
    .getByRole("link", { name: /^Open / })
    .first()
    .click();
  await expect(page.getByText("What happened")).toBeVisible();
  await expect(page.getByText(/delivered (\d{4}-\d\d-\d\d )?\d\d:\d\d/).first()).toBeVisible();
  await expectAccessible(page);

  // The mails: one to the channel's address and one to its Admin, with the exact subject and the six items.
  const subject = `Messaging API: Your bot server returned no response or an error - ${channel.name}`;
  const detected = () => mailServer.mails.filter((mail) => mail.subject === subject);
  await expect.poll(() => detected().length).toBe(2);
  const recipients = detected().map((mail) =>
    [mail.to]
      .flat()
      .map((to) => to?.text)
      .join(),
  );
  expect(recipients.sort()).toEqual([operator.email, channel.email].sort());
  for (const mail of detected()) {
    for (const item of [
      `Channel ID: ${channelId}`,
      `Channel name: ${channel.name}`,
      "Reason for error: error_status_code",
      "Detail for error: 500",
      `Error count: ${failures.length}`,
      "Time detected:",
    ]) {
      expect(mail.text).toContain(item);
    }
  }
  await page.goto("/console/operations/outbox");
  await expect(page.getByRole("cell", { name: channel.email }).first()).toBeVisible();
  await expectAccessible(page);

  expect(complaints).toEqual([]);
});
