import { type BrowserContext, expect, type Page, type Route } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { acceptSome } from "#testing/test-webhooks.ts";
import { until } from "./harness/until.ts";
import { errorsPageKbMax, firstLoadScripts, weighFirstLoad } from "./support/first-load.ts";
import { gatherComplaints, signIn, untilAlive } from "./support/page-checks.ts";
import { consolePort } from "./support/ports.ts";

// A network that answers late: every press shows at once that it was seen, and does what it should when the answer comes.

const password = "correct horse battery";
const base = `http://localhost:${consolePort}`;
const complaints: string[] = [];

let database: Database;
let email: string;
let channelId: string;

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const { db, pool } = database;
  const to = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const from = new Date(to.getTime() - 5 * 86_400_000);
  channelId = (
    await createChannel(db, {
      name: "Slow lane",
      createdAt: from,
      errorStatisticsAggregation: true,
      useWebhook: true,
      webhookUrl: "https://bot.example.com/webhook",
      encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    })
  ).id;
  await createBelievableErrors(pool, { channelId, from, to, count: 2_000 });
  const user = await createUser(db, { name: "Sam Slow", password });
  email = user.email;
  await createMember(db, channelId, { userId: user.id });
});
test.afterAll(() => database.close());
test.beforeEach(() => {
  complaints.length = 0;
});

const statistics = (page: "errors" | "deliveries") =>
  `${base}/console/channel/${channelId}/statistics/${page}`;

/** Lets nothing of a kind through until `release`. */
async function hold(
  page: Page,
  isHeld: (route: Route) => boolean,
): Promise<{ release: () => Promise<void> }> {
  const held: Route[] = [];
  let isHolding = true;
  const keep = async (route: Route) => {
    if (isHolding && isHeld(route)) held.push(route);
    else await route.fallback();
  };
  await page.route("**/*", keep);
  return {
    release: async () => {
      isHolding = false;
      await Promise.all(held.map((route) => route.continue()));
      await page.unroute("**/*", keep);
    },
  };
}

/** What pages and actions are asked by, once a page is alive. */
const isAnswer = (route: Route): boolean => {
  const headers = route.request().headers();
  return "rsc" in headers || "next-action" in headers;
};
const isScript = (route: Route): boolean => route.request().resourceType() === "script";

async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  gatherComplaints(page, complaints);
  await signIn(page, email, password);
  await page.goto(url);
  await expect(page.locator("main")).toBeVisible();
  return page;
}

test("links show at once that their page is on its way: ranges, legend, chips, pages, rows, tabs, the side bar", async ({
  context,
}) => {
  const page = await open(context, `${statistics("errors")}?range=7d`);
  const main = page.locator("main");
  await expect(page.locator(".recharts-wrapper")).toBeVisible();
  for (const [link, lead] of [
    [main.getByRole("link", { name: "30 d", exact: true }), /range=30d/],
    [main.getByRole("list").getByRole("link", { name: "Request timeout", exact: true }), /reason=/],
    [main.getByRole("link", { name: /^Remove filter/ }), /range=30d$/],
    [main.getByRole("link", { name: "Sort by Errors" }), /sort=errors/],
    [main.getByRole("link", { name: "Next" }), /#list$/],
    [main.locator("tbody a[aria-expanded=false]").first(), /row=/],
    [main.getByRole("link", { name: "Deliveries" }), /deliveries/],
    [main.getByRole("link", { name: "Basic settings" }), /basics/],
    [page.getByRole("complementary").getByRole("link", { name: "Home" }), /console$/],
  ] as const) {
    await untilAlive(link);
    const answers = await hold(page, isAnswer);
    await link.click();
    await expect(link.locator("[data-on-its-way]")).toHaveCount(1);
    await expect(link).toHaveCSS("cursor", "progress");
    await answers.release();
    await expect(page).toHaveURL(lead);
    await expect(page.locator("[data-on-its-way]")).toHaveCount(0);
  }
  expect(complaints).toEqual([]);
});

test("a bar of the chart fades the chart until the range it leads to is there", async ({
  context,
}) => {
  const page = await open(context, `${statistics("errors")}?range=7d`);
  const chart = page.getByRole("region", { name: "Errors by reason" });
  const drawing = page.locator(".recharts-surface").first();
  await untilAlive(drawing);
  await drawing.focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText("Delivered", { exact: true }).last()).toBeVisible();
  const answers = await hold(page, isAnswer);
  await page.keyboard.press("Enter");
  await expect(chart).toHaveCSS("opacity", "0.6");
  await answers.release();
  await expect(page).toHaveURL(/from=/);
  await expect(chart).toHaveCSS("opacity", "1");
  expect(complaints).toEqual([]);
});

test("switches, Redeliver and forms show at once that they are on their way", async ({
  context,
}) => {
  const { db, pool } = database;
  const [webhookId = ""] = await acceptSome(pool, channelId);
  // The worker finds no such host.
  await until("it has failed", async () => (await db.webhook.count({ where: { channelId } })) > 0);
  const page = await open(context, `${base}/console/channel/${channelId}/messaging-api`);
  const toggle = page.getByRole("switch", { name: "Error statistics aggregation" });
  await expect(toggle).toBeChecked();
  await untilAlive(toggle);
  const turned = await hold(page, isAnswer);
  await toggle.click();
  await expect(toggle).not.toBeChecked();
  await expect(toggle).toHaveAttribute("aria-busy", "true");
  await turned.release();
  await expect(toggle).toHaveAttribute("aria-busy", "false");
  await expect(toggle).not.toBeChecked();

  for (const [url, name] of [
    [`${statistics("deliveries")}/${webhookId}`, "Redeliver"],
    [`${base}/console/channel/${channelId}/basics`, "Save"],
  ] as const) {
    await page.goto(url);
    const button = page.getByRole("button", { name, exact: true }).first();
    await untilAlive(button);
    const sent = await hold(page, isAnswer);
    await button.click();
    await expect(button).toHaveAttribute("aria-disabled", "true");
    await expect(button.locator(".animate-spin")).toBeVisible();
    await sent.release();
    await expect(page.locator("[aria-disabled=true] .animate-spin")).toHaveCount(0);
  }
  expect(complaints).toEqual([]);
});

test("what opens shows at once that it was pressed, also before its script is there; keys and focus are as ever", async ({
  context,
}) => {
  const page = await open(context, statistics("errors"));
  for (const [name, key, opened, first] of [
    ["Filters", "Enter", "dialog", page.getByLabel("Reason", { exact: true })],
    ["Other formats", "Enter", "menu", page.getByRole("menuitem", { name: "CSV" })],
    ["View", "ArrowDown", "menu", page.getByRole("menuitemcheckbox").first()],
  ] as const) {
    const scripts = await openWithout(page, isLater(await namedScripts(context)));
    const button = page.getByRole("button", { name, exact: true });
    await untilAlive(button);
    await button.focus();
    await page.keyboard.press(key);
    await expect(button).toHaveAttribute("aria-expanded", "true");
    await expect(button).toHaveAttribute("aria-busy", "true");
    await scripts.release();
    const panel = page.getByRole(opened, { name });
    await expect(panel).toBeVisible();
    await expect(first).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(panel).toHaveCount(0);
    await expect(button).toBeFocused();
    await expect(button).toHaveAttribute("aria-expanded", "false");

    // By the pointer, now that it is there: what is beside it shuts it.
    await button.click();
    await expect(panel).toBeVisible();
    await page.mouse.click(5, 5);
    await expect(panel).toHaveCount(0);
  }
  expect(complaints).toEqual([]);
});

test("a part that cannot be had leaves the page as it was", async ({ context }) => {
  const page = await open(context, statistics("errors"));
  complaints.length = 0;
  const named = await namedScripts(context);
  await page.route("**/*", (route) => (isLater(named)(route) ? route.abort() : route.fallback()));
  await page.goto(statistics("errors"));
  const button = page.getByRole("button", { name: "Filters", exact: true });
  await untilAlive(button);
  await button.click();
  await expect(button).toHaveAttribute("aria-expanded", "false");
  // The chart, too: its sentence stands for it.
  await expect(page.getByText(/^[\d,]+ errors? from .* to /).first()).toBeVisible();
  await expect(page.getByRole("table", { name: "Errors", exact: true })).toBeVisible();
});

/** Of the Errors page. */
const namedScripts = async (context: BrowserContext): Promise<readonly string[]> =>
  firstLoadScripts(
    await (
      await fetch(statistics("errors"), { headers: { cookie: await cookieOf(context) } })
    ).text(),
  );

/** What the page brings by itself, once it is alive or somebody asks for it. */
const isLater =
  (named: readonly string[]) =>
  (route: Route): boolean =>
    isScript(route) && !named.includes(new URL(route.request().url()).pathname);

async function openWithout(
  page: Page,
  isHeld: (route: Route) => boolean,
): Promise<{ release: () => Promise<void> }> {
  const scripts = await hold(page, isHeld);
  // Loaded before, they would come from the browser's own store.
  const client = await page.context().newCDPSession(page);
  await client.send("Network.clearBrowserCache");
  await page.goto(statistics("errors"), { waitUntil: "domcontentloaded" });
  return scripts;
}

const cookieOf = async (context: BrowserContext): Promise<string> =>
  (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");

test(`the Errors page is alive with at most ${errorsPageKbMax} kB of script`, async ({
  context,
}) => {
  await open(context, statistics("errors"));
  const cookie = await cookieOf(context);
  expect(await weighFirstLoad(statistics("errors"), { headers: { cookie } })).toBeLessThanOrEqual(
    errorsPageKbMax,
  );
});
