import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { type Browser, launch, type Page } from "puppeteer-core";
import { until } from "#e2e/harness/until.ts";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { consolePort } from "./support/ports.ts";

// The main way in Firefox, as Debian has it: Playwright 1.65 asks it over WebDriver BiDi for what it does not know yet
// (emulation.setMediaFeaturesOverride), Puppeteer does not.

const firefoxPath = process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";
const password = "correct horse battery";
const patience = 120_000;

let database: Database;
let browser: Browser;
let downloads: string;
let page: Page;
let email: string;
let channelId: string;

test.skip(
  !existsSync(firefoxPath) && process.env.CI === undefined,
  `There is no ${firefoxPath}: install firefox-esr, or set FIREFOX_PATH`,
);

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db, pool } = database;
  const to = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const from = new Date(to.getTime() - 5 * 86_400_000);
  channelId = (
    await createChannel(db, {
      name: "Fox desk",
      createdAt: from,
      errorStatisticsAggregation: true,
      encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    })
  ).id;
  await createBelievableErrors(pool, { channelId, from, to, count: 400 });
  const user = await createUser(db, { name: "Fay Fox", password });
  email = user.email;
  await createMember(db, channelId, { userId: user.id });
  downloads = await mkdtemp(join(tmpdir(), "tocsin-firefox-"));
  browser = await launch({
    browser: "firefox",
    executablePath: firefoxPath,
    timeout: patience,
    protocolTimeout: patience,
    extraPrefsFirefox: {
      "browser.download.dir": downloads,
      "browser.download.folderList": 2,
      "browser.helperApps.neverAsk.saveToDisk": "text/tab-separated-values",
    },
  });
  page = await browser.newPage();
  page.setDefaultTimeout(patience);
  await page.setViewport({ width: 1280, height: 900 });
});
test.afterAll(async () => {
  await browser?.close();
  await database?.close();
  if (downloads !== undefined)
    await rm(downloads, { recursive: true, force: true, maxRetries: 10 });
});

const baseUrl = `http://localhost:${consolePort}`;
/** By role and name, as people who see nothing find it. */
const find = (name: string, role: string) =>
  page.locator(`::-p-aria([name="${name}"][role="${role}"])`);
const isThere = (name: string, role: string) => find(name, role).wait();
const textOf = () => page.$eval("body", (body) => body.innerText);

test("the main way in Firefox: sign in, Errors, a row, the file, Deliveries, a switch, a narrow screen", async () => {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));

  // A link to a page of the channel leads there after signing in.
  await page.goto(`${baseUrl}/console/channel/${channelId}/statistics/errors?range=7d`);
  await find("Email address", "textbox").fill(email);
  await page.locator("input[type=password]").fill(password);
  await find("Sign in", "button").click();
  await until("the page of before", () => page.url().includes("/statistics/errors?range=7d"));
  await isThere("Errors", "table");
  await until(
    "the chart's bars",
    async () => (await page.$$(".recharts-bar-rectangle")).length > 0,
  );
  expect(await page.title()).toBe("Errors · Fox desk · Tocsin");

  // A row opens by keyboard, shows at once that it will, and then its cause.
  await page.evaluate(() => {
    new MutationObserver((changes) => {
      const added = changes.flatMap((change) => [...change.addedNodes]);
      if (added.some((node) => node instanceof Element && node.matches("[data-on-its-way]")))
        document.body.dataset.sawOnItsWay = "yes";
    }).observe(document.body, { subtree: true, childList: true });
  });
  await page.evaluate(() =>
    document.querySelector<HTMLElement>("tbody a[aria-expanded=false]")?.focus(),
  );
  await page.keyboard.press("Enter");
  await page.locator("tbody a[aria-expanded=true]").wait();
  expect(await page.$eval("body", (body) => body.dataset.sawOnItsWay)).toBe("yes");

  // What opens beside its button, by keyboard and by pointer, and gives the focus back.
  for (const [name, line, role] of [
    ["Filters", "Apply", "button"],
    ["Other formats", "CSV", "menuitem"],
  ] as const) {
    await find(name, "button").click();
    await isThere(line, role);
    await page.keyboard.press("Escape");
    await until(`the focus is back on ${name}`, () =>
      page.evaluate(
        (wanted) =>
          document.activeElement?.getAttribute("aria-expanded") === "false" &&
          [
            document.activeElement.getAttribute("aria-label"),
            document.activeElement.textContent,
          ].includes(wanted),
        name,
      ),
    );
  }

  // The file has what the page counts.
  await find("Download as TSV", "link").click();
  let file: string | undefined;
  await until("the file", async () => {
    file = (await readdir(downloads)).find((name) => name.endsWith(".tsv"));
    return file !== undefined;
  });
  await until("its lines", async () => {
    const lines = (await readFile(join(downloads, file ?? ""), "utf8")).trimEnd().split(/\r?\n/);
    const { rows } = await database.pool.query<{ count: number }>(
      "select count(*)::int as count from error_rows where channel_id = $1",
      [channelId],
    );
    return lines.length === 1 + (rows[0]?.count ?? -1);
  });

  // Deliveries, and back by the browser's own way.
  await find("Deliveries", "link").click();
  await until("Deliveries", () => page.url().includes("/statistics/deliveries"));
  await page.goBack();
  await isThere("Errors", "table");

  // A switch goes on without a reload, and is on in the database.
  await find("Messaging API", "link").click();
  await find("Webhook redelivery", "switch").click();
  await find("Turn on", "button").click();
  await until("the switch is on", async () => {
    const channel = await database.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    return channel.webhookRedelivery;
  });
  await page.locator("[role=switch][aria-checked=true]").wait();

  // On a narrow screen nothing runs out of it.
  await page.setViewport({ width: 375, height: 800 });
  await page.goto(`${baseUrl}/console/channel/${channelId}/statistics/errors`);
  await isThere("Errors", "table");
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(
    true,
  );
  expect(await textOf()).not.toContain("Something went wrong");
  expect(complaints).toEqual([]);
});
