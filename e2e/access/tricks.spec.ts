import { expect } from "@playwright/test";
import { consolePort } from "#e2e/support/ports.ts";
import { test } from "#e2e/support/test.ts";
import type { Database } from "#lib/db.ts";
import { createUser } from "#testing/factories.ts";
import { actionBody, addressOf, ask, askAction, outcomeOf, stateOf } from "./ask.ts";
import { readActions } from "./build.ts";
import { type Headers, openWorld, type World } from "./world.ts";

const base = `http://localhost:${consolePort}`;

let database: Database;
let world: World;

test.beforeAll(async () => {
  ({ database, world } = await openWorld());
});
test.afterAll(() => database.close());

test("a change that another site asks for is refused, for actions and route handlers", async () => {
  const { channelId } = world.places.own;
  const path = `/console/channel/${channelId}/messaging-api`;
  const elsewhere: Headers[] = [
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: "https://evil.example" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "cross-site", origin: "null" },
  ];
  for (const from of elsewhere) {
    const headers = { ...world.headers.channelAdmin, ...from };
    const answer = await ask(base, { method: "POST", path: `${path}/verify`, headers });
    expect(answer.status).toBe(403);
  }
  const before = await database.db.channel.findUnique({ where: { id: channelId } });
  const body = actionBody({ channelId, name: "useWebhook", on: "false" });
  const id = (await readActions()).get("channel/[channelId]/messaging-api/actions.ts#turnSwitch");
  const call = { ...world.headers.channelAdmin, "next-action": id ?? "" };
  for (const from of elsewhere) {
    await ask(base, { method: "POST", path, headers: { ...call, ...from }, body });
  }
  expect(await database.db.channel.findUnique({ where: { id: channelId } })).toEqual(before);
  // The same request from the console's own page does it, so it was refused for where it came from.
  await ask(base, { method: "POST", path, headers: call, body });
  const after = await database.db.channel.findUnique({ where: { id: channelId } });
  expect(after?.useWebhook).toBe(false);
});

/** Ways past a guard that did work in one version of Next or another. */
const tricks: { headers?: Headers; turn?: (path: string) => string }[] = [
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
  { turn: (path) => `${path}.segments/_tree.segment.rsc` },
  { turn: (path) => `${path}/?_rsc=1` },
  { turn: (path) => `/${path}` },
  { turn: (path) => path.replace("/console/", "/%63onsole/") },
  { turn: (path) => path.replace("/console/", "/sign-in/..%2fconsole/") },
  { turn: (path) => path.replace("/console/", "/sign-in/..;/console/") },
  { turn: (path) => path.replace("/console/", "/en/console/") },
  { turn: (path) => path.replace("/console/", "/CONSOLE/") },
  { turn: (path) => `${path}%00` },
  { turn: (path) => `/_next/data/build${path}.json` },
  { turn: (path) => `/_next/image?url=${encodeURIComponent(path)}&w=64&q=75` },
];

test("no header and no spelling of the path shows a page to whom it is refused", async () => {
  const wrong: string[] = [];
  const { own } = world.places;
  const pages = [
    "/console/channel/[channelId]/basics/page",
    "/console/channel/[channelId]/statistics/errors/tsv/route",
    "/console/channel/[channelId]/statistics/deliveries/[webhookId]/page",
    "/console/provider/[providerId]/roles/page",
    "/console/operations/channels/page",
  ];
  for (const { headers = {}, turn = (path: string) => path } of tricks) {
    for (const page of pages) {
      for (const role of ["none", "platformKey", "stranger"] as const) {
        const path = turn(addressOf(page, own));
        const answer = await ask(base, { path, headers: { ...world.headers[role], ...headers } });
        if (answer.body.includes(own.marker)) {
          wrong.push(`${path} ${JSON.stringify(headers)} as ${role}: ${answer.status}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("asking for the head of a file takes nothing out, and keeps no connection to the database", async () => {
  const { channelId } = world.places.own;
  const { user, headers } = await world.makePerson("channelAdmin");
  const files = [
    "audit/tsv",
    "notifications/tsv",
    "statistics/errors/tsv",
    "statistics/deliveries/tsv",
  ];
  for (const file of [...files, "statistics/live?topic=errors"]) {
    const path = `/console/channel/${channelId}/${file}`;
    expect((await ask(base, { method: "HEAD", path, headers })).status).toBe(405);
  }
  expect(await database.db.auditEntry.count({ where: { actorId: user.id } })).toBe(0);
});

test("a character that no database can hold is refused at its field", async () => {
  const { providerId } = world.places.own;
  const texts = { providerId, description: "Text", email: "team@example.com" };
  const forms = [
    ["(auth)/actions.ts#signIn", "email", { email: "a\0@example.com", password: "long enough" }],
    [
      "provider/[providerId]/channels/new/actions.ts#create",
      "name",
      { ...texts, name: "Bot\0", providerId },
    ],
  ] as const;
  const ids = await readActions();
  for (const [name, field, fields] of forms) {
    const call = { id: ids.get(name) ?? "", path: "/sign-in", fields };
    const state = stateOf(await askAction(base, world.headers.providerAdmin, call));
    expect(state).toContain(`"fieldErrors":{"${field}":`);
  }
});

test("the address of whoever comes directly is known, and nobody's word is taken for one", async () => {
  const id = (await readActions()).get("(auth)/actions.ts#signIn") ?? "";
  const { password, passwordHash } = world;
  const addressOf = async (headers: Headers): Promise<string | null> => {
    const user = await createUser(database.db, { passwordHash });
    const fields = { email: user.email, password, next: "" };
    await askAction(base, headers, { id, path: "/sign-in", fields });
    const session = await database.db.session.findFirstOrThrow({ where: { userId: user.id } });
    return session.address;
  };
  const own = await addressOf({});
  expect(own).toMatch(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/);
  for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip"]) {
    expect([name, await addressOf({ [name]: "203.0.113.9" })]).toEqual([name, null]);
  }
  for (const name of ["x-peer", "x-peer-address", "x-client-ip", "true-client-ip"]) {
    expect([name, await addressOf({ [name]: "203.0.113.9" })]).toEqual([name, own]);
  }
});

test("a session ends with its account, and a cookie planted before sign-in is worth nothing", async () => {
  const { user, headers } = await world.makePerson("channelTester");
  const path = `/console/channel/${world.places.own.channelId}/basics`;
  expect(outcomeOf(await ask(base, { path, headers }))).toBe("allowed");
  await database.db.user.update({ where: { id: user.id }, data: { disabledAt: new Date() } });
  expect(outcomeOf(await ask(base, { path, headers }))).toBe("sign in");
  const planted = { cookie: `tocsin.session=${"a".repeat(64)}` };
  expect(outcomeOf(await ask(base, { path, headers: planted }))).toBe("sign in");
});
