import { EventEmitter, once } from "node:events";
import { type BrowserContext, expect, type Page } from "@playwright/test";
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
let providerId: string;
let channelId: string;
let email: string;
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db } = database;
  providerId = (await createProvider(db, { name: "Form works" })).id;
  const user = await createUser(db, { name: "Dora Double", password });
  await createProviderMember(db, providerId, { userId: user.id });
  const encryptionKey = Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex");
  channelId = (await createChannel(db, { providerId, name: "Late", encryptionKey })).id;
  await createMember(db, channelId, { userId: user.id });
  email = user.email;
});
test.afterAll(() => database.close());
test.beforeEach(() => {
  complaints.length = 0;
});

async function openForm(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  gatherComplaints(page, complaints);
  await signIn(page, email, password);
  await page.goto(`/console/provider/${providerId}/channels/new`);
  return page;
}

async function fill(page: Page, name: string): Promise<void> {
  await page.getByLabel("Channel name").fill(name);
  await page.getByLabel("Channel description").fill("Answers questions about forms");
}

const countOf = (name: string): Promise<number> => database.db.channel.count({ where: { name } });

test("a double click makes one channel", async ({ browser }) => {
  const context = await browser.newContext();
  const page = await openForm(context);
  await fill(page, "Doubled");
  await page.getByRole("button", { name: "Create" }).dblclick();
  await expect(page).toHaveURL(/\/console\/channel\/\d+\/messaging-api$/);
  await expect(page.getByRole("heading", { name: "Doubled" })).toBeVisible();
  expect(await countOf("Doubled")).toBe(1);
  await context.close();
  expect(complaints).toEqual([]);
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`what is refused says so at its field and keeps what was typed, ${how}`, async ({
    browser,
  }) => {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await openForm(context);
    const name = javaScriptEnabled ? "Mended" : "Mended, plain";
    await fill(page, "My LINE bot");
    await page.getByRole("button", { name: "Create" }).click();
    const field = page.getByLabel("Channel name");
    await expect(field).toHaveAccessibleDescription(/must not contain/);
    await expect(field).toHaveValue("My LINE bot");
    await expect(page.getByLabel("Channel description")).toHaveValue(
      "Answers questions about forms",
    );
    if (javaScriptEnabled) await expectAccessible(page);
    // The same form, mended.
    await field.fill(name);
    await page.getByRole("button", { name: "Create" }).click();
    await expect(page).toHaveURL(/\/console\/channel\/\d+\/messaging-api$/);
    expect(await countOf(name)).toBe(1);
    await context.close();
    expect(complaints).toEqual([]);
  });
}

test("a form that is sent again, or several times at once, makes one thing and leads to it each time", async ({
  browser,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await openForm(context);
  await fill(page, "Sent again");
  const key = await page.locator("main input[name=submission]").inputValue();
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveURL(/\/messaging-api$/);
  const first = new URL(page.url()).pathname;
  const request = await sent;
  const headers = await request.allHeaders();
  /** As a browser does that sends a form anew because an answer was lost. */
  const send = async (body: string): Promise<string | undefined> => {
    const options = { method: "POST", headers, data: Buffer.from(body), maxRedirects: 0 };
    return (await context.request.fetch(request.url(), options)).headers().location;
  };
  const body = request.postDataBuffer()?.toString("utf8") ?? "";
  expect(await send(body)).toBe(first);
  expect(await countOf("Sent again")).toBe(1);

  const another = body.replaceAll(key, "0123456789abcdef0123456789abcdef");
  const [second, ...others] = await Promise.all([send(another), send(another), send(another)]);
  expect(second).toMatch(/\/messaging-api$/);
  expect(second).not.toBe(first);
  expect(others).toEqual([second, second]);
  expect(await countOf("Sent again")).toBe(2);
  await context.close();
});

/** A page of a browser whose scripts come late; `arrive` lets them come. */
async function openLate(context: BrowserContext): Promise<{ page: Page; arrive: () => void }> {
  const page = await context.newPage();
  gatherComplaints(page, complaints);
  await signIn(page, email, password);
  const gate = new EventEmitter();
  const arrived = once(gate, "open");
  await page.route("**/_next/static/**/*.js", async (route) => {
    await arrived;
    await route.continue();
  });
  return { page, arrive: () => gate.emit("open") };
}

/** What is there for browsers without a script goes once a page is alive. */
const expectAlive = (page: Page) => expect(page.locator("main .noscript\\:block")).toHaveCount(0);

test("a page that comes alive late stays where its reader is, and shows the tab of a small screen", async ({
  browser,
}) => {
  const context = await browser.newContext({ viewport: { width: 375, height: 600 } });
  const { page, arrive } = await openLate(context);
  await page.goto(`/console/channel/${channelId}/basics`, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Show" }).scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => window.scrollY);
  expect(scrolled).toBeGreaterThan(300);
  arrive();
  await expectAlive(page);
  expect(await page.evaluate(() => window.scrollY)).toBe(scrolled);

  await page.goto(`/console/channel/${channelId}/audit`);
  await expect(page.getByRole("link", { name: "Audit log" })).toBeInViewport({ ratio: 1 });
  await context.close();
  expect(complaints).toEqual([]);
});

test("what is pressed before the page is alive is done, and stays when it comes alive", async ({
  browser,
}) => {
  const context = await browser.newContext();
  const { page, arrive } = await openLate(context);
  await page.goto(`/console/channel/${channelId}/basics`, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Show" }).click();
  const secret = page.getByText(/^[0-9a-f]{32}$/);
  await expect(secret).toBeVisible();
  arrive();
  await expectAlive(page);
  await expect(secret).toBeVisible();
  await page.getByRole("button", { name: "Hide" }).click();
  await expect(secret).toBeHidden();
  await context.close();
  expect(complaints).toEqual([]);
});

test("a press before the page's scripts have arrived is done when they have", async ({
  browser,
}) => {
  const context = await browser.newContext();
  const page = await openForm(context);
  const scripts = new EventEmitter();
  for (const [button, opened] of [
    [/Dora Double/, page.getByRole("button", { name: "Sign out" })],
    ["Issue", page.getByRole("dialog")],
  ] as const) {
    const arrive = once(scripts, "arrive");
    await page.route("**/*.js", async (route) => {
      await arrive;
      await route.continue();
    });
    await page.goto(`/console/channel/${channelId}/basics`, { waitUntil: "commit" });
    await page.getByRole("button", { name: button }).click();
    await expect(opened).toHaveCount(0);
    scripts.emit("arrive");
    await expect(opened).toBeVisible();
    await page.unrouteAll({ behavior: "wait" });
  }
  expect(complaints).toEqual([]);
  await context.close();
});
