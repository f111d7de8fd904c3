import { expect, type Page, type Route } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, createMember, createUser, testActor } from "#testing/factories.ts";
import { startTestBotServer, type TestBotServer } from "./support/bot-server.ts";
import { gatherComplaints, signIn } from "./support/page-checks.ts";
import { botPort } from "./support/ports.ts";
import { postEvents } from "./support/post-events.ts";

const password = "correct horse battery";
const complaints: string[] = [];
let database: Database;
let bot: TestBotServer;
let channelId: string;
let key: string;
const people = { admin: "", member: "" };

test.beforeAll(async () => {
  bot = await startTestBotServer(botPort);
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  const { id } = await createChannel(db, {
    name: "Watched by two",
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    ...{ errorStatisticsAggregation: true, useWebhook: true },
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
  });
  channelId = id;
  for (const role of ["admin", "member"] as const) {
    const user = await createUser(db, { name: `Kim ${role}`, password });
    people[role] = user.email;
    await createMember(db, id, { userId: user.id, role });
  }
  key = (await createPlatformKey(db, testActor, { name: "e2e live" })).key;
});
test.afterAll(async () => {
  await bot.stop();
  await database.close();
});

const errorsPath = () => `/console/channel/${channelId}/statistics/errors`;
const cell = (page: Page, name: string) =>
  page
    .getByRole("table", { name: "Errors", exact: true })
    .getByRole("cell", { name, exact: true })
    .first();
const errorCount = (page: Page) =>
  page
    .getByRole("definition")
    .filter({ hasText: /^[\d,]+$/ })
    .first();

const someErrors = (page: Page) => page.locator("main").getByText("some errors", { exact: true });

/** Renderings of the Errors page that a browser asks for: none is answered until `release`. */
async function holdRenderings(page: Page): Promise<{ release: () => Promise<void> }> {
  const held: Route[] = [];
  let isHolding = true;
  await page.route(`**${errorsPath()}**`, async (route) => {
    if (isHolding && "rsc" in route.request().headers()) held.push(route);
    else await route.fallback();
  });
  return {
    release: async () => {
      isHolding = false;
      await Promise.all(held.map((route) => route.continue()));
    },
  };
}

async function open(page: Page, email: string): Promise<void> {
  gatherComplaints(page, complaints);
  await signIn(page, email, password);
  await page.goto(errorsPath());
  await expect(page.getByRole("button", { name: "Live" })).toHaveAttribute(
    "title",
    /automatically/,
  );
}

test("what fails is on a second person's page too, whose server renders nothing for it; then the rest follows", async ({
  page,
  browser,
}) => {
  await open(page, people.admin);
  const other = await (await browser.newContext({ baseURL: new URL(page.url()).origin })).newPage();
  await open(other, people.member);
  await expect(other.getByText("No errors in this range")).toBeVisible();
  const renderings = await holdRenderings(other);

  bot.answerWith(500);
  await postEvents(key, channelId, 1);
  for (const one of [page, other]) {
    await expect(cell(one, "500")).toBeVisible();
    await expect(errorCount(one)).toHaveText("1");
    await expect(one.getByRole("region", { name: "Problems" }).getByText("1 error")).toBeVisible();
  }
  const bars = other.getByRole("table", { name: "Errors by time" }).getByRole("row");
  await expect(bars).toHaveCount(2);

  // Where the reader is stays as it is while others come.
  const row = other.getByRole("link", { name: /^Open .* 500$/ }).last();
  await row.focus();
  bot.answerWith(503);
  await postEvents(key, channelId, 2);
  await expect(cell(other, "503")).toBeVisible();
  await expect(errorCount(other)).toHaveText("3");
  await expect(row).toBeFocused();
  await expect(errorCount(page)).toHaveText("3");

  // The head of the channel is the server's.
  await expect(someErrors(page)).toBeVisible();
  await expect(someErrors(other)).toHaveCount(0);
  await renderings.release();
  await expect(someErrors(other)).toBeVisible();
  await expect(errorCount(other)).toHaveText("3");

  // Whoever may no longer look is sent away.
  await database.db.channelMember.deleteMany({
    where: { channelId, user: { email: people.member } },
  });
  await postEvents(key, channelId, 1);
  await expect(errorCount(page)).toHaveText("4");
  await expect(other.getByRole("heading", { name: "Errors by reason" })).toHaveCount(0);
  expect(complaints.filter((one) => !one.includes("404"))).toEqual([]);
  await other.context().close();
});
