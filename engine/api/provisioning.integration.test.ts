import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { revealSecrets } from "#lib/channels/issue-secret.ts";
import type { Database } from "#lib/db.ts";
import { setProviderDisabled } from "#lib/providers/disable.ts";
import { createPlatformKey, revokePlatformKey } from "#lib/tokens/platform-keys.ts";
import { createUser, testActor, testEncryptionKey } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database;
let app: FastifyInstance;
let url: string;
let platformKey: { id: string; key: string };
beforeAll(async () => {
  database = await createTestDatabase();
  app = createTestApi(database);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  platformKey = await createPlatformKey(database.db, testActor, { name: "provisioner" });
});
afterAll(async () => {
  await app.close();
  await database.close();
});

/** Whatever an answer may hold; tests say what they expect of it. */
type Body = {
  providerId: string;
  channelId: string;
  version: number;
  disabledAt: string | null;
  message?: string;
  next?: string;
  details?: { property: string }[];
  members: unknown[];
  channels: { channelId: string }[];
};
type Answer = { status: number; body: Body };

async function call(
  method: string,
  path: string,
  body?: unknown,
  key = platformKey.key,
): Promise<Answer> {
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

async function makeChannel(): Promise<{ providerId: string; channelId: string }> {
  const provider = await call("POST", "/providers", { name: "Harbour" });
  const { providerId } = provider.body;
  const form = {
    providerId,
    name: "Orders",
    description: "Takes orders",
    email: "team@example.com",
  };
  const channel = await call("POST", "/channels", form);
  expect([provider.status, channel.status]).toEqual([201, 201]);
  return { providerId, channelId: channel.body.channelId };
}

test("a channel is provisioned from provider to first Admin, and every step names the key", async () => {
  const { db } = database;
  const { providerId, channelId } = await makeChannel();
  const { id: userId, email } = await createUser(db);
  const members = await call("POST", `/channels/${channelId}/members`, { email, role: "admin" });
  expect(members).toMatchObject({ status: 201, body: { members: [{ userId, role: "admin" }] } });
  const patched = await call("PATCH", `/channels/${channelId}`, {
    privacyPolicyUrl: "https://example.com/privacy",
    webhookUrl: "https://bot.example.com/",
    useWebhook: true,
    errorStatisticsAggregation: true,
  });
  expect(patched).toMatchObject({
    status: 200,
    body: { useWebhook: true, webhookRedelivery: false, webhookUrl: "https://bot.example.com/" },
  });
  const entries = await db.auditEntry.findMany({
    where: { OR: [{ channelId }, { providerId }] },
    orderBy: { id: "asc" },
  });
  expect(entries.map((entry) => entry.action)).toEqual([
    "provider_created",
    "channel_created",
    "member_added",
    "channel_edited",
    "webhook_url_set",
    "switch_turned",
    "switch_turned",
  ]);
  for (const entry of entries) {
    expect(entry).toMatchObject({ actorKind: "platform_key", actorName: "provisioner" });
  }
});

test("no answer shows a channel secret", async () => {
  const { providerId, channelId } = await makeChannel();
  const { current } = await revealSecrets(database.db, testEncryptionKey, channelId);
  const paths = ["/channels", `/channels?providerId=${providerId}`, `/channels/${channelId}`];
  for (const path of paths) {
    const { status, body } = await call("GET", path);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain(current);
    expect(JSON.stringify(body)).not.toMatch(/secret/i);
  }
});

test("roles are changed and taken, but never the last Admin's", async () => {
  const { channelId, providerId } = await makeChannel();
  const [one, other] = [await createUser(database.db), await createUser(database.db)];
  const root = `/channels/${channelId}/members`;
  await call("POST", root, { email: one.email, role: "admin" });
  await call("POST", root, { email: other.email, role: "tester" });
  expect((await call("PATCH", `${root}/${one.id}`, { role: "member" })).status).toBe(409);
  expect((await call("DELETE", `${root}/${one.id}`)).status).toBe(409);
  expect((await call("PATCH", `${root}/${other.id}`, { role: "admin" })).status).toBe(200);
  expect((await call("DELETE", `${root}/${one.id}`)).status).toBe(204);
  const left = await call("GET", root);
  expect(left.body.members).toMatchObject([{ userId: other.id, role: "admin" }]);
  const tester = { email: one.email, role: "tester" };
  expect((await call("POST", `/providers/${providerId}/members`, tester)).status).toBe(400);
});

test("what is refused says which property, and changes nothing", async () => {
  const { channelId, providerId } = await makeChannel();
  const before = (await call("GET", `/channels/${channelId}`)).body;
  const refused = async (body: unknown) => {
    const answer = await call("PATCH", `/channels/${channelId}`, body);
    return [answer.status, answer.body.details?.[0]?.property];
  };
  expect(await refused({ name: "LINE bot" })).toEqual([400, "name"]);
  expect(await refused({ providerId: "1" })).toEqual([400, "providerId"]);
  expect(await refused({ name: "Bot\0" })).toEqual([400, "name"]);
  expect(await refused({ description: "Text\0" })).toEqual([400, "description"]);
  expect(await refused({ name: "New", webhookUrl: "http://bot.example.com/" })).toEqual([
    400,
    "webhookUrl",
  ]);
  expect(await refused({ name: "New", useWebhook: true })).toEqual([409, undefined]);
  expect(await refused({ name: "New", version: before.version + 1 })).toEqual([409, undefined]);
  expect((await call("GET", `/channels/${channelId}`)).body).toEqual(before);
  expect((await call("POST", "/channels", { providerId: "0" })).body.details).toHaveLength(3);
  expect((await call("PATCH", `/providers/${providerId}`, {})).status).toBe(400);
  expect((await call("POST", "/providers", { name: "x".repeat(61) })).body.details).toEqual([
    { message: "Use at most 60 characters.", property: "name" },
  ]);
});

test("no channel is made in a provider that operators have disabled", async () => {
  const { providerId, channelId } = await makeChannel();
  await setProviderDisabled(database.db, testActor, providerId, true);
  const form = { providerId, name: "New", description: "New", email: "team@example.com" };
  const answer = await call("POST", "/channels", form);
  expect([answer.status, answer.body.message]).toEqual([
    409,
    "The provider is disabled: ask the operators of the platform.",
  ]);
  const [provider, channel] = [
    await call("GET", `/providers/${providerId}`),
    await call("PATCH", `/channels/${channelId}`, { name: "Renamed" }),
  ];
  expect(provider.body.disabledAt).toEqual(expect.any(String));
  expect(channel).toMatchObject({ status: 200, body: { disabledAt: expect.any(String) } });
});

test("lists come by pages, and an unknown id is not found", async () => {
  const { providerId } = await makeChannel();
  for (let n = 0; n < 4; n += 1) {
    await call("POST", "/channels", {
      providerId,
      name: `Bot ${n}`,
      description: "D",
      email: "t@example.com",
    });
  }
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await call("GET", `/channels?providerId=${providerId}&limit=2${cursor}`);
    seen.push(...body.channels.map((channel) => channel.channelId));
    cursor = body.next === undefined ? "" : `&cursor=${body.next}`;
  } while (cursor !== "");
  expect(new Set(seen).size).toBe(5);
  expect(seen).toHaveLength(5);
  for (const path of ["/channels/0", "/providers/%00", "/channels/0/members"]) {
    expect((await call("GET", path)).status).toBe(404);
  }
});

test("nothing is provisioned without a key that is in force", async () => {
  const revoked = await createPlatformKey(database.db, testActor, { name: "old" });
  await revokePlatformKey(database.db, testActor, revoked.id);
  for (const key of ["tpk_wrong", revoked.key]) {
    expect((await call("POST", "/providers", { name: "X" }, key)).status).toBe(401);
    expect((await call("GET", "/channels", undefined, key)).status).toBe(401);
  }
});
