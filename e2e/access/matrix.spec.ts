import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { consolePort } from "#e2e/support/ports.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import {
  actionBody,
  addressOf,
  ask,
  askAction,
  expected,
  idsFor,
  outcomeOf,
  withoutIds,
} from "./ask.ts";
import { actions, actionsElsewhere, type Entry, elsewhere, routes } from "./table.ts";
import { createWorld, type Ids, type Role, roles, type World } from "./world.ts";

const base = `http://localhost:${consolePort}`;
const built = join(import.meta.dirname, "../../.next/server");

let database: Database;
let world: World;
let actionIds: Map<string, string>;

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  world = await createWorld(database, {
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    authSecret: process.env.E2E_AUTH_SECRET ?? "",
  });
  actionIds = await readActions();
});
test.afterAll(() => database.close());

async function readRoutes(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(built, "app-paths-manifest.json"), "utf8"));
  return Object.keys(manifest).map((path) => path.replaceAll(/\/\([^)]*\)/g, ""));
}

type Reference = { filename: string; exportedName: string };

/** `<file>#<name>` of every server action of the build, with the id that a browser calls it by. */
async function readActions(): Promise<Map<string, string>> {
  const manifest = JSON.parse(
    await readFile(join(built, "server-reference-manifest.json"), "utf8"),
  );
  const references = Object.entries(manifest.node as Record<string, Reference>);
  return new Map(
    references.map(([id, { filename, exportedName }]) => [
      `${filename.replace(/^app\//, "").replace("(console)/console/", "")}#${exportedName}`,
      id,
    ]),
  );
}

/** Operators stand to every provider that there is. */
function expectation({ who, whose }: Entry, role: Role, name: string) {
  const isOwn = name === "own" || whose === "nothing";
  const isOperators = whose === "provider" && name === "foreign" && role === "operator";
  return expected(isOwn || isOperators ? who : who.includes("none") ? who : [], role);
}

test("every page, route handler and action of the build stands in the table", async () => {
  expect(Object.keys({ ...routes, ...elsewhere }).sort()).toEqual((await readRoutes()).sort());
  const declared = Object.keys({ ...actions, ...actionsElsewhere });
  expect(declared.sort()).toEqual([...actionIds.keys()].sort());
});

/** A few at a time: the product has other things to do as well. */
async function inTurn<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

/** Whether a text holds what only the pages of a channel show: its name also stands in lists of who may know no more. */
const tells = (body: string, { marker }: Ids): boolean =>
  body.includes(`${marker} description`) || body.includes(`${marker}.example.com`);

const asked = Object.entries(routes).filter(([route]) => !route.startsWith("/_"));
const cells = asked.flatMap(([route, entry]) => roles.map((role) => ({ route, entry, role })));

test("every page and route handler answers every role as the table says, and foreign looks like unknown", async () => {
  const wrong: string[] = [];
  await inTurn(cells, async ({ route, entry, role }) => {
    const cookie = world.cookies[role];
    const names = entry.whose === "nothing" ? idsFor(world, role).slice(0, 1) : idsFor(world, role);
    const answers = new Map<string, ReturnType<typeof withoutIds>>();
    for (const [name, ids] of names) {
      const topic = route.includes("/live/") ? "?topic=errors" : "";
      const answer = await ask(base, { path: addressOf(route, ids) + topic, cookie });
      const [is, should] = [outcomeOf(answer), expectation(entry, role, name)];
      if (is !== should) wrong.push(`${route} as ${role}, ${name}: ${is}, not ${should}`);
      if (should !== "allowed" && tells(answer.body, ids)) {
        wrong.push(`${route} as ${role}, ${name}: tells what it refuses`);
      }
      answers.set(name, withoutIds(answer, ids));
    }
    const [foreign, unknown] = [answers.get("foreign"), answers.get("unknown")];
    if (foreign === undefined || expectation(entry, role, "foreign") === "allowed") return;
    if (foreign.status !== unknown?.status || foreign.location !== unknown.location) {
      wrong.push(`${route} as ${role}: a foreign id is told from an unknown one`);
    } else if (visible(foreign.body) !== visible(unknown.body)) {
      wrong.push(`${route} as ${role}: the text of a foreign id is another than of an unknown one`);
    }
  });
  expect(wrong).toEqual([]);
});

/** The markup without what React sends along to bring it to life: chunks come in any order. */
const visible = (body: string): string => body.replace(/<script[\s\S]*?<\/script>/g, "");

test("every action answers every role as the table says, whatever page it is called on", async () => {
  const wrong: string[] = [];
  const calls = Object.entries(actions).flatMap(([name, entry]) =>
    roles.map((role) => ({ name, entry, role })),
  );
  await inTurn(calls, async ({ name, entry, role }) => {
    const places =
      entry.whose === "nothing" ? idsFor(world, role).slice(0, 1) : idsFor(world, role);
    for (const [whose, ids] of places) {
      const should = expectation(entry, role, whose);
      // What changes something is done where nobody may; the journeys show that who may, can.
      if (should === "allowed" && /#create$|#issueSecret$/.test(name)) continue;
      const answer = await askAction(base, world.cookies[role], {
        id: actionIds.get(name) ?? "",
        path: pageOf(name, ids),
        fields: entry.fields(ids),
      });
      const is = outcomeOf(answer);
      if (is !== should) wrong.push(`${name} as ${role}, ${whose}: ${is}, not ${should}`);
      // A refused action brings the page along on which it was called, which may be the person's own.
      if (whose !== "own" && should !== "allowed" && tells(answer.body, ids)) {
        wrong.push(`${name} as ${role}, ${whose}: tells what it refuses`);
      }
    }
  });
  expect(wrong).toEqual([]);
});

const pageOf = (action: string, ids: Ids): string =>
  addressOf(`/console/${action.replace(/\/actions\.ts#.*$/, "/page")}`, ids);

test("a check of the bot server can be asked for by Admins alone", async () => {
  const path = (ids: Ids) => `/console/channel/${ids.channelId}/messaging-api/verify`;
  for (const role of roles.filter((one) => one !== "channelAdmin")) {
    for (const [, ids] of idsFor(world, role)) {
      const cookie = world.cookies[role];
      const answer = await ask(base, { method: "POST", path: path(ids), cookie });
      expect([role, outcomeOf(answer)]).toEqual([role, role === "none" ? "sign in" : "not found"]);
    }
  }
});

test("a change that another site asks for is refused, for actions and route handlers", async () => {
  const cookie = world.cookies.channelAdmin;
  const { channelId } = world.own;
  const path = `/console/channel/${channelId}/messaging-api`;
  const foreign: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: "https://evil.example" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "cross-site", origin: "null" },
  ];
  for (const headers of foreign) {
    const answer = await ask(base, { method: "POST", path: `${path}/verify`, cookie, headers });
    expect(answer.status).toBe(403);
  }
  const before = await database.db.channel.findUnique({ where: { id: channelId } });
  const body = actionBody({ channelId, name: "useWebhook", on: "false" });
  const id = actionIds.get("channel/[channelId]/messaging-api/actions.ts#turnSwitch") ?? "";
  for (const headers of foreign) {
    await ask(base, {
      method: "POST",
      path,
      cookie,
      headers: { ...headers, "next-action": id },
      body,
    });
  }
  expect(await database.db.channel.findUnique({ where: { id: channelId } })).toEqual(before);
});

/** Ways past a guard that did work in one version of Next or another. */
const tricks: { headers?: Record<string, string>; turn?: (path: string) => string }[] = [
  { headers: { rsc: "1" } },
  { headers: { rsc: "1", "next-router-prefetch": "1" } },
  { headers: { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": "/_tree" } },
  {
    headers: {
      "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware",
    },
  },
  { headers: { "x-middleware-subrequest": "src/middleware:src/middleware:proxy:proxy:proxy" } },
  { headers: { "x-forwarded-host": "evil.example", "x-forwarded-for": "127.0.0.1" } },
  { headers: { "x-original-url": "/sign-in", "x-rewrite-url": "/sign-in" } },
  { headers: { "x-nextjs-data": "1" } },
  { headers: { "x-matched-path": "/sign-in", "x-invoke-path": "/sign-in" } },
  { headers: { "next-action": "7f0000000000000000000000000000000000000000" } },
  { turn: (path) => `${path}.rsc` },
  { turn: (path) => `${path}/?_rsc=1` },
  { turn: (path) => `/${path}` },
  { turn: (path) => path.replace("/console/", "/%63onsole/") },
  { turn: (path) => path.replace("/console/", "/sign-in/..%2fconsole/") },
  { turn: (path) => path.replace("/console/", "/en/console/") },
  { turn: (path) => path.replace("/console/", "/CONSOLE/") },
  { turn: (path) => `/_next/data/build${path}.json` },
  { turn: (path) => `/_next/image?url=${encodeURIComponent(path)}&w=64&q=75` },
];

test("no header and no spelling of the path shows a page to whom it is refused", async () => {
  const wrong: string[] = [];
  const pages = [
    "/console/channel/[channelId]/basics/page",
    "/console/channel/[channelId]/statistics/errors/tsv/route",
    "/console/provider/[providerId]/roles/page",
  ];
  const tries = pages.flatMap((route) => tricks.map((trick) => ({ route, trick })));
  await inTurn(tries, async ({ route, trick: { headers = {}, turn = (path: string) => path } }) => {
    for (const role of ["none", "stranger"] as const) {
      const path = turn(addressOf(route, world.own));
      const answer = await ask(base, { path, cookie: world.cookies[role], headers });
      if (answer.body.includes(world.own.marker)) {
        wrong.push(`${path} ${JSON.stringify(headers)} as ${role}: ${answer.status}`);
      }
    }
  });
  expect(wrong).toEqual([]);
});

test("a session ends with its account, and a cookie planted before sign-in is worth nothing", async () => {
  const cookie = world.cookies.channelTester;
  const path = `/console/channel/${world.own.channelId}/basics`;
  expect(outcomeOf(await ask(base, { path, cookie }))).toBe("allowed");
  await database.db.user.updateMany({
    where: { name: "Access channelTester" },
    data: { disabledAt: new Date() },
  });
  expect(outcomeOf(await ask(base, { path, cookie }))).toBe("sign in");
  const planted = `tocsin.session=${"a".repeat(64)}`;
  expect(outcomeOf(await ask(base, { path, cookie: planted }))).toBe("sign in");
});

test("no page breaks its Content-Security-Policy, and every answer carries the protective headers", async ({
  browser,
}) => {
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
  const visit = async (role: Role, route: string) => {
    const response = await page.goto(base + addressOf(route, world.own));
    await page.waitForLoadState("load");
    const headers = response?.headers() ?? {};
    expect([role, route, headers["content-security-policy"]?.includes("'strict-dynamic'")]).toEqual(
      [role, route, true],
    );
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin",
    });
    expect(headers["x-powered-by"]).toBeUndefined();
  };
  const pages = asked.filter(([route]) => route.endsWith("/page"));
  for (const role of ["none", "channelAdmin", "operator"] as const) {
    await context.clearCookies();
    const [name, value] = (world.cookies[role] ?? "").split("=");
    if (name && value) await context.addCookies([{ name, value, url: base }]);
    for (const [route, { who }] of pages) {
      const isFirst = role === "none" || !who.includes("none");
      if (who.includes(role) && isFirst) await visit(role, route);
    }
  }
  expect(violations).toEqual([]);
  await context.close();
});
