import { type BrowserContext, expect } from "@playwright/test";
import { consolePort } from "#e2e/support/ports.ts";
import { test } from "#e2e/support/test.ts";
import type { Database } from "#lib/db.ts";
import { addressOf } from "./ask.ts";
import { linkMaker } from "./links.ts";
import { routes, unaddressed } from "./route-table.ts";
import { openWorld, type Role, type World } from "./world.ts";

const base = `http://localhost:${consolePort}`;

let database: Database;
let world: World;
test.beforeAll(async () => {
  ({ database, world } = await openWorld());
});
test.afterAll(() => database.close());

/** Who looks at a page: as little as is needed, and Admins or operators where there is most to see. */
const viewers: readonly Role[] = ["none", "channelAdmin", "operator", "providerAdmin"];

async function signInAs(context: BrowserContext, role: Role): Promise<void> {
  await context.clearCookies();
  const [name, value] = (world.headers[role].cookie ?? "").split("=");
  if (name && value) await context.addCookies([{ name, value, url: base }]);
}

test("no page breaks its Content-Security-Policy, and every answer carries the protective headers", async ({
  browser,
}) => {
  test.setTimeout(600_000);
  const context = await browser.newContext();
  const page = await context.newPage();
  const violations: string[] = [];
  await page.exposeFunction("tellViolation", (text: string) => violations.push(text));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const { tellViolation } = globalThis as unknown as { tellViolation: (text: string) => void };
      tellViolation(`${location.pathname}: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  // The listener hears what it is there for.
  await page.goto(`${base}/sign-in`);
  await page.evaluate(() => {
    const script = document.createElement("img");
    script.src = "https://evil.example/x.png";
    document.body.append(script);
  });
  await expect.poll(() => violations.length).toBe(1);
  violations.length = 0;

  const visit = async (role: Role, route: string, path: string) => {
    const response = await page.goto(base + path);
    await page.waitForLoadState("load");
    const headers = response?.headers() ?? {};
    const isStrict = headers["content-security-policy"]?.includes("'strict-dynamic'");
    expect([role, route, isStrict]).toEqual([role, route, true]);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin",
    });
    expect(headers["x-powered-by"]).toBeUndefined();
  };
  const makeLink = linkMaker(database, world);
  const pages = Object.entries(routes).filter(
    ([route]) => route.endsWith("/page") && !unaddressed.includes(route),
  );
  const visited = new Set<string>();
  for (const role of viewers) {
    await signInAs(context, role);
    for (const [route, { who, link }] of pages) {
      const isOpen = who.includes("none");
      if (!who.includes(role) || (isOpen && role !== "none")) continue;
      const token = link === undefined ? "" : await makeLink(link, "own");
      await visit(role, route, addressOf(route, world.places.own, token));
      if (link !== undefined) await visit(role, route, addressOf(route, world.places.own, "gone"));
      visited.add(route);
    }
    await visit(role, "not found", "/console/no-such-page");
  }
  expect(pages.map(([route]) => route).filter((route) => !visited.has(route))).toEqual([]);
  expect(violations).toEqual([]);
  await context.close();
});
