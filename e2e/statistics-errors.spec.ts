import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser, testActor } from "#testing/factories.ts";
import {
  type ReceivedWebhook,
  startTestBotServer,
  type TestBotServer,
} from "./support/bot-server.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { botPort } from "./support/ports.ts";
import { postEvents } from "./support/post-events.ts";

const password = "correct horse battery";
const oddAnswer = Buffer.from(
  '<img src=x onerror="window.isHurt=1">\0\u001b[31mred\u202eback <script>window.isHurt=1</script>\xff',
  "latin1",
);

let database: Database;
let bot: TestBotServer;
let channelId: string;
let historyId: string;
let key: string;
const people = { admin: "", member: "" };
const complaints: string[] = [];

test.beforeAll(async () => {
  bot = await startTestBotServer(botPort);
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db, pool } = database;
  const shared = {
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    errorStatisticsAggregation: true,
    useWebhook: true,
    webhookRedelivery: true,
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
  };
  channelId = (await createChannel(db, { ...shared, name: "Deliveries bot" })).id;
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const from = new Date(now.getTime() - 20 * 86_400_000);
  historyId = (await createChannel(db, { ...shared, name: "Old hand", createdAt: from })).id;
  await createBelievableErrors(pool, { channelId: historyId, from, to: now, count: 4_000 });
  for (const role of ["admin", "member"] as const) {
    const user = await createUser(db, { name: `Robin ${role}`, password });
    people[role] = user.email;
    for (const id of [channelId, historyId]) await createMember(db, id, { userId: user.id, role });
  }
  key = (await createPlatformKey(db, testActor, { name: "e2e statistics" })).key;
});
test.afterAll(async () => {
  await bot.stop();
  await database.close();
});
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});

const errorsPath = (id: string, search = "") => `/console/channel/${id}/statistics/errors${search}`;
const tableOf = (page: Page) => page.getByRole("table", { name: "Errors", exact: true });
const figureOf = (page: Page) =>
  page
    .getByRole("definition")
    .filter({ hasText: /^[\d,]+$/ })
    .first();

/** What a page knows is gone with a reload. */
const mark = (page: Page) => page.evaluate(() => Object.assign(window, { isSamePage: true }));
const isMarked = (page: Page) => page.evaluate(() => "isSamePage" in window);

async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

test("errors come to the open page by themselves, open into cause and answer, and their recovery is seen", async ({
  page,
  context,
}) => {
  await signIn(page, people.admin, password);
  await page.goto(errorsPath(channelId));
  await expect(page.getByText("No errors in this range")).toBeVisible();
  const live = page.getByRole("button", { name: "Live" });
  await expect(live).toHaveAttribute("title", /appears here automatically/);
  await mark(page);

  // Live arrival.
  bot.answerWith(500, oddAnswer);
  await postEvents(key, channelId, 1);
  await expect(tableOf(page).getByRole("cell", { name: "500", exact: true })).toBeVisible();
  const arrivedMs = Date.now() - (bot.received[0]?.at.getTime() ?? 0);
  console.log(`on the page ${arrivedMs} ms after the bot server's answer`);
  await expectAccessible(page);

  // Fix: the row opens by keyboard, into cause, fix and a harmless answer.
  const row = tableOf(page)
    .getByRole("link", { name: /^Open .* 500$/ })
    .last();
  await row.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("What to check")).toBeVisible();
  await expect(page.getByText("What to do:")).toBeVisible();
  await page
    .getByRole("link", { name: /^Show .* attempt 1$/ })
    .first()
    .press("Enter");
  const answer = page.getByRole("region", { name: /^Answer body/ });
  await expect(answer).toContainText(
    '<img src=x onerror="window.isHurt=1"><U+0000><U+001B>[31mred',
  );
  expect(await page.evaluate(() => "isHurt" in window)).toBe(false);
  await expectAccessible(page);

  // The single error names the same cause, and both lead to its place among all.
  const named = page.getByRole("link", { name: "Fails while handling" });
  await expect(named).toBeVisible();
  const more = page.getByRole("link", { name: "More about this cause" });
  const help = await context.newPage();
  await help.goto((await more.getAttribute("href")) ?? "");
  const cause = help.getByRole("article", { name: "Fails while handling" });
  await expect(cause).toBeInViewport();
  await expectAccessible(help);
  await help.close();

  // A second viewer, by the copied link: the same view.
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByRole("region", { name: /^Answer body/ })).toBeVisible();

  // Others arrive above; what is open stays open, and a hidden page waits until it is seen again.
  await hide(other, true);
  bot.answerWith(503);
  await postEvents(key, channelId, 1);
  await expect(tableOf(page).getByRole("cell", { name: "503", exact: true }).first()).toBeVisible();
  await expect(answer).toBeVisible();
  await expect(tableOf(other).getByRole("cell", { name: "503", exact: true })).toHaveCount(0);
  await hide(other, false);
  await expect(
    tableOf(other).getByRole("cell", { name: "503", exact: true }).first(),
  ).toBeVisible();
  await other.close();

  // Paused by hand, nothing comes.
  await live.click();
  await expect(page.getByRole("button", { name: "Paused" })).toBeVisible();
  await page.getByRole("button", { name: "Paused" }).click();
  await expect(live).toBeVisible();

  // Recovery is seen where the error stands. It recovers before the first redelivery, however slow the machine is.
  bot.answerWith(504);
  await postEvents(key, channelId, 1);
  const failed = () => bot.received.some((one) => one.answeredWith === 504);
  await expect.poll(failed, { intervals: [50] }).toBe(true);
  bot.answerWith(200);
  await tableOf(page)
    .getByRole("link", { name: /^Open .* 504$/ })
    .first()
    .click();
  await expect(page.getByText(/delivered (\d{4}-\d\d-\d\d )?\d\d:\d\d/).first()).toBeVisible();
  expect(await isMarked(page)).toBe(true);
  expect(complaints).toEqual([]);
});

type Line = { minute: number; startedAt: number; endedAt: number; detail: string; errors: number };

/** A line of the file, in the default zone. */
function readLine(text: string): Line {
  const [date, start, end, reason, detail = "", errors] = text.split("\t");
  expect(reason).toBe("error_status_code");
  const [startedAt, endedAt] = [start, end].map((time) => Date.parse(`${date}T${time}+09:00`));
  const minute = Math.floor((startedAt ?? Number.NaN) / 60_000);
  return {
    minute,
    startedAt: startedAt ?? 0,
    endedAt: endedAt ?? 0,
    detail,
    errors: Number(errors),
  };
}

/**
 * An attempt begins before the bot server has it: so long that a connection and an answer still count as in time, 2 s each.
 * A line's times are whole seconds.
 */
const slackMs = 2_000 + 2_000 + 1_000;
const fits = (line: Line, one: ReceivedWebhook): boolean =>
  String(one.answeredWith) === line.detail &&
  one.at.getTime() >= line.startedAt &&
  one.at.getTime() <= line.endedAt + slackMs;

test("the file has, line by line, what the bot server did", async ({ page }) => {
  const failures = bot.received.filter((one) => one.answeredWith !== 200);
  await signIn(page, people.member, password);
  await page.goto(errorsPath(channelId));
  await expect(figureOf(page)).toHaveText(String(failures.length));
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download as TSV" }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  const lines = text.trimEnd().split("\n").slice(1).map(readLine);
  await expect(page.getByText(`Downloaded ${lines.length} row`)).toBeVisible();
  await expectAccessible(page);

  // Each line is of failures of one minute and status, and all failures stand in one line each.
  const open = new Set(failures);
  for (const line of lines.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const own = [...open].filter((one) => fits(line, one)).slice(0, line.errors);
    expect([line, own.length]).toEqual([line, line.errors]);
    for (const one of own) open.delete(one);
    expect(Math.abs((own[0]?.at.getTime() ?? 0) - line.startedAt)).toBeLessThan(slackMs);
    expect(Math.floor(line.endedAt / 60_000)).toBe(line.minute);
  }
  expect(open.size).toBe(0);
});

test("a range is chosen by keyboard or by dragging, bars and legend filter, and a link shows the same", async ({
  page,
}) => {
  await signIn(page, people.member, password);
  await page.goto(errorsPath(historyId, "?range=30d"));
  const bars = page.locator(".recharts-bar-rectangle path");
  await expect(bars.first()).toBeVisible();
  const barCount = await bars.count();
  const legend = page.getByRole("list").getByRole("link", { name: "Request timeout", exact: true });
  await legend.click();
  await expect(page).toHaveURL(/reason=request_timeout/);
  await expect(tableOf(page).getByText("error_status_code")).toHaveCount(0);
  await page.getByRole("link", { name: "Remove filter Request timeout" }).click();
  await expect(page).not.toHaveURL(/reason=/);

  // A bar. The chart follows the address by itself, before or after the list.
  await expect(tableOf(page).getByText("error_status_code").first()).toBeVisible();
  await expect(bars).toHaveCount(barCount);
  const heights = await bars.evaluateAll((all) =>
    all.map((bar) => bar.getBoundingClientRect().height),
  );
  // As long as a hand presses.
  await bars.nth(heights.indexOf(Math.max(...heights))).click({ delay: 150 });
  await expect(page).toHaveURL(/from=.*&to=.*&wider=30d/);
  await page.getByRole("link", { name: "Back to the wider range" }).click();
  await expect(page).toHaveURL(/\?range=30d$/);
  await expect(bars).toHaveCount(barCount);

  // The same by keyboard alone: to the chart, to its last bar, into it.
  await page.locator(".recharts-surface").first().focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText("Delivered", { exact: true }).last()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/from=.*&to=.*&wider=30d/);
  await page.getByRole("link", { name: "Back to the wider range" }).click();
  await expect(page).toHaveURL(/\?range=30d$/);
  await expect(bars).toHaveCount(barCount);

  // Dragging over the chart.
  const chart = page.locator(".recharts-wrapper");
  const box = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const y = box.y + box.height / 3;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.55, y, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.7, y, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=.*&to=/);
  // The past is not live.
  await expect(page.getByRole("button", { name: "Live" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /\d\d-\d\d \d\d:\d\d – / })).toBeVisible();

  // The date picker by keyboard alone.
  await page.getByRole("button", { name: /\d\d-\d\d \d\d:\d\d – / }).press("Enter");
  await expect(page.getByRole("grid")).toBeVisible();
  const dragged = page.url();
  await page.getByRole("gridcell", { selected: true }).getByRole("button").first().focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.getByLabel(/^From \(UTC\+9\)/).press("Enter");
  await expect(page).not.toHaveURL(dragged);
  await expect(page).toHaveURL(/from=.*&to=/);

  // Sorting, a deeper page, another zone; all of it in the address.
  await page.getByRole("link", { name: "Sort by Errors" }).click();
  await expect(page).toHaveURL(/sort=errors/);
  await expectAccessible(page);
  const shown = await tableOf(page).innerText();
  const copy = await page.context().newPage();
  await copy.goto(page.url());
  expect(await tableOf(copy).innerText()).toBe(shown);
  await copy.close();
  expect(complaints).toEqual([]);
});

test("whatever stands in the address, a page comes of it; what is not one's own is not there", async ({
  page,
}) => {
  await signIn(page, people.member, password);
  const odd = [
    "?range=1y&reason=x&status=999x&attempt=2&sort=up&order=&by=&zone=Mars/Base&row=..&error=1&after=x",
    "?from=2026-02-31T00:00Z&to=2026-01-01T00:00Z&detail=%00&reason=a&reason=b&before=1.2.3",
    `?detail=${encodeURIComponent("'; drop table users; --")}&zone=%F0%9F%A4%A8`,
  ];
  for (const search of odd) {
    const response = await page.goto(errorsPath(historyId, search));
    expect([search, response?.status()]).toEqual([search, 200]);
    await expect(page.getByRole("heading", { name: "Errors by reason" })).toBeVisible();
  }
  const tomorrow = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)}Z`;
  await page.goto(errorsPath(historyId, `?from=2001-01-01T00:00Z&to=${tomorrow}`));
  await expect(page.getByText("Statistics are kept for 400 days.")).toBeVisible();
  await expect(page.getByText("1 week per bar")).toBeVisible();
  for (const id of ["1000000000", "%00", "..%2f"]) {
    const paths = ["", "/tsv"].map((rest) => errorsPath(id, rest));
    for (const path of [...paths, `/console/channel/${id}/statistics/live?topic=errors`]) {
      const response = await page.request.get(path);
      expect([path, response.status()]).toEqual([path, 404]);
    }
  }
});

test("a page that its viewer may no longer see goes away by itself", async ({ page }) => {
  await signIn(page, people.member, password);
  await page.goto(errorsPath(historyId));
  await expect(page.getByRole("button", { name: "Live" })).toHaveAttribute(
    "title",
    /automatically/,
  );
  await database.db.channelMember.deleteMany({
    where: { channelId: historyId, user: { email: people.member } },
  });
  await expect(page.getByRole("heading", { name: "Errors by reason" })).toHaveCount(0);
});
