import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession } from "#lib/accounts/sessions.ts";
import type { Database } from "#lib/db.ts";
import { issueChannelToken, revokeChannelTokens } from "#lib/tokens/channel-tokens.ts";
import { createPlatformKey, revokePlatformKey } from "#lib/tokens/platform-keys.ts";
import {
  createChannel,
  createMember,
  createProviderMember,
  createUser,
  testActor,
} from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// Who reaches what of the API. A route that is missing here fails the test.

const anybody = ["GET /healthz", "GET /readyz", "GET /metrics"];
const platformKeys = [
  "POST /v1/channels",
  "GET /v1/channels",
  "GET /v1/channels/:channelId|:id",
  "PATCH /v1/channels/:channelId|:id",
  "POST /v1/channels/:channelId|:id/webhooks",
  "GET /v1/channels/:channelId|:id/errors",
  "GET /v1/channels/:channelId|:id/errors.tsv",
  "GET /v1/channels/:channelId|:id/errors.csv",
  "GET /v1/channels/:channelId|:id/errors.jsonl",
  "GET /v1/channels/:channelId|:id/members",
  "POST /v1/channels/:channelId|:id/members",
  "PATCH /v1/channels/:channelId|:id/members/:userId",
  "DELETE /v1/channels/:channelId|:id/members/:userId",
  "POST /v1/webhooks",
  "POST /v1/providers",
  "GET /v1/providers",
  "GET /v1/providers/:providerId|:id",
  "PATCH /v1/providers/:providerId|:id",
  "GET /v1/providers/:providerId|:id/members",
  "POST /v1/providers/:providerId|:id/members",
  "PATCH /v1/providers/:providerId|:id/members/:userId",
  "DELETE /v1/providers/:providerId|:id/members/:userId",
];
const channelTokens = [
  "GET /v2/bot/channel/webhook/endpoint",
  "PUT /v2/bot/channel/webhook/endpoint",
  "POST /v2/bot/channel/webhook/test",
];

let database: Database;
let app: FastifyInstance;
let url: string;
const keys: Record<"inForce" | "revoked", string> = { inForce: "", revoked: "" };
const tokens: Record<"inForce" | "revoked", string> = { inForce: "", revoked: "" };
let secret: string;
beforeAll(async () => {
  database = await createTestDatabase();
  app = createTestApi(database);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  const revoked = await createPlatformKey(database.db, testActor, { name: "revoked" });
  await revokePlatformKey(database.db, testActor, revoked.id);
  keys.revoked = revoked.key;
  keys.inForce = (await createPlatformKey(database.db, testActor, { name: "in force" })).key;
  const channel = await createChannel(database.db);
  secret = channel.secret;
  const whose = { channelId: channel.id, keepHours: 24 };
  tokens.revoked = await issueChannelToken(database.db, testActor, whose);
  await revokeChannelTokens(database.db, testActor, channel.id);
  tokens.inForce = await issueChannelToken(database.db, testActor, whose);
});
afterAll(async () => {
  await app.close();
  await database.close();
});

/** `METHOD /path` of every route, out of the tree that Fastify prints. */
function listRoutes(): string[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .flatMap((line) => {
      const [, indent = "", part = "", methods = ""] =
        /^([│ ]*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
      if (part === "") return [];
      const depth = indent.length / 4;
      above.splice(depth, above.length, part);
      return methods.split(", ").map((method) => `${method} ${above.join("")}`);
    });
}

test("every route of the API stands in the table", () => {
  expect(listRoutes().sort()).toEqual([...anybody, ...platformKeys, ...channelTokens].sort());
});

type Ask = { authorization?: string; cookie?: string };

async function ask(route: string, headers: Ask): Promise<{ status: number; body: string }> {
  const [method = "", pattern = ""] = route.split(" ");
  // An id that nothing has: what may be asked for is not found, or refused for its empty body.
  const path = pattern.replaceAll(/:[^/.]+/g, "1000000000");
  const isWrite = method !== "GET" && method !== "DELETE";
  const response = await fetch(url + path, {
    method,
    headers: { ...headers, ...(isWrite ? { "content-type": "application/json" } : {}) },
    ...(isWrite ? { body: "{}" } : {}),
  });
  return { status: response.status, body: await response.text() };
}

test.each([
  {
    what: "a platform key",
    routes: platformKeys,
    right: keys,
    others: tokens,
  },
  { what: "a channel access token", routes: channelTokens, right: tokens, others: keys },
])(
  "what needs $what is answered to nobody else, in the same words for every route",
  async ({ routes, right, others }) => {
    const operator = await createUser(database.db, { isOperator: true });
    const session = await openSession(database.db, operator.id, { userAgent: "test" });
    const strangers: Ask[] = [
      {},
      { authorization: "Bearer tpk_wrong" },
      { authorization: "Bearer tct_wrong" },
      { authorization: `Bearer ${right.revoked}` },
      { authorization: `Basic ${right.inForce}` },
      { authorization: `bearer ${right.inForce}x` },
      { cookie: `authorization=Bearer ${right.inForce}` },
      { authorization: `Bearer ${others.inForce}` },
      // A person's session is for the console, and a channel's secret for its bot server.
      { cookie: `tocsin.session=${session}` },
      { authorization: `Bearer ${session}` },
      { authorization: `Bearer ${secret}` },
    ];
    const answers = new Set<string>();
    for (const route of routes) {
      for (const headers of strangers) {
        const { status, body } = await ask(route, headers);
        answers.add(`${status} ${body}`);
      }
    }
    expect([...answers]).toEqual([expect.stringMatching(/^401 /)]);
  },
);

test("with a platform key in force every route gets past the question who asks", async () => {
  const authorization = `Bearer ${keys.inForce}`;
  for (const route of platformKeys) {
    const { status } = await ask(route, { authorization });
    expect([route, [200, 400, 404].includes(status)]).toEqual([route, true]);
  }
});

test("with a channel access token in force every route for bots gets past the question who asks", async () => {
  for (const route of channelTokens) {
    const { status } = await ask(route, { authorization: `Bearer ${tokens.inForce}` });
    expect([route, [200, 400, 404].includes(status)]).toEqual([route, true]);
  }
});

/** The routes that name something inside something else. */
const withinRoutes = [
  "PATCH /v1/channels/:channelId|:id/members/:userId",
  "DELETE /v1/channels/:channelId|:id/members/:userId",
  "PATCH /v1/providers/:providerId|:id/members/:userId",
  "DELETE /v1/providers/:providerId|:id/members/:userId",
];

async function createPlace() {
  const { id: channelId, providerId } = await createChannel(database.db);
  // A second Admin, so that no rule but the pair of ids stands in the way.
  await createMember(database.db, channelId);
  await createProviderMember(database.db, providerId);
  const { userId } = await createMember(database.db, channelId);
  await createProviderMember(database.db, providerId, { userId });
  return { channelId, providerId, userId };
}

test("every route with two ids finds the second under the first alone, in the words for what does not exist", async () => {
  const named = platformKeys.filter(
    (route) => route.split("/").filter((part) => part.startsWith(":")).length > 1,
  );
  expect(named.sort()).toEqual([...withinRoutes].sort());
  const authorization = `Bearer ${keys.inForce}`;
  for (const route of withinRoutes) {
    const [one, other] = [await createPlace(), await createPlace()];
    const [method = "", pattern = ""] = route.split(" ");
    const call = async (outer: typeof one, userId: string) => {
      const id = pattern.includes("/channels/") ? outer.channelId : outer.providerId;
      const path = pattern.replace(/:\w+\|:id/, id).replace(":userId", userId);
      const isPatch = method === "PATCH";
      const response = await fetch(url + path, {
        method,
        headers: { authorization, ...(isPatch ? { "content-type": "application/json" } : {}) },
        ...(isPatch ? { body: JSON.stringify({ role: "member" }) } : {}),
      });
      const body = await response.text();
      return { status: response.status, body: body.replaceAll(userId, "ID") };
    };
    const unknown = await call(one, "019b0000-0000-7000-8000-00000000ffff");
    const rolesOf = async ({ userId }: typeof one) => [
      await database.db.channelMember.findMany({ where: { userId } }),
      await database.db.providerMember.findMany({ where: { userId } }),
    ];
    const before = [await rolesOf(one), await rolesOf(other)];
    for (const [outer, inner] of [
      [one, other],
      [other, one],
    ] as const) {
      expect([route, await call(outer, inner.userId)]).toEqual([route, unknown]);
    }
    expect([route, unknown.status]).toEqual([route, expect.toBeOneOf([404, 409])]);
    expect([await rolesOf(one), await rolesOf(other)]).toEqual(before);
    // Where both belong together it is done, so that it was the pair that was refused.
    expect((await call(one, one.userId)).status).toBeLessThan(300);
  }
});

test("health is told to anybody", async () => {
  for (const route of anybody) expect((await ask(route, {})).status).toBe(200);
});
