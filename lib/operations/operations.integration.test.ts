import { afterAll, beforeAll, expect, test } from "vitest";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import { findSessionUser, openSession } from "#lib/accounts/sessions.ts";
import { editBasics, setWebhookUrl } from "#lib/channels/commands.ts";
import { setChannelDisabled } from "#lib/channels/disable.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { renameProvider } from "#lib/providers/commands.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import {
  actorOf,
  createChannel,
  createProvider,
  createUser,
  testActor,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findChannels, findProviders, listUsers } from "./queries.ts";
import { parseListSearch } from "./search.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const find = (q: string) => parseListSearch({ q });

test("lists are in the order of names, in pages without gaps or repeats", async () => {
  const { db } = database;
  for (let n = 0; n < 103; n += 1) await createProvider(db, { name: `Twin ${n % 2}` });
  const seen = new Set<string>();
  let after: string | null = null;
  do {
    const page = await findProviders(db, { q: "twin", after });
    for (const line of page.lines) seen.add(line.id);
    after = page.next;
  } while (after !== null);
  expect(seen.size).toBe(103);
});

test("what was typed is found as it is, by name, address, provider or id", async () => {
  const { db } = database;
  const user = await createUser(db, { name: "100% Ben", email: "ben_x@example.com" });
  const provider = await createProvider(db, { name: "Needle works" });
  const channel = await createChannel(db, { name: "Bot_1", providerId: provider.id });
  for (const q of ["0% b", "BEN_X", user.id]) {
    expect((await listUsers(db, find(q))).lines.map((line) => line.id)).toEqual([user.id]);
  }
  for (const q of ["bot_1", "needle", channel.id, channel.botUserId]) {
    expect((await findChannels(db, find(q))).lines.map((line) => line.id)).toEqual([channel.id]);
  }
  expect((await listUsers(db, find("b%n"))).lines).toEqual([]);
});

test("who is disabled is signed out at once, and keeps the roles; nobody disables themselves", async () => {
  const { db } = database;
  const operator = await createUser(db, { isOperator: true });
  const user = await createUser(db);
  const session = await openSession(db, user.id, { userAgent: null });
  await setUserDisabled(db, actorOf(operator), user.id, true);
  expect(await findSessionUser(db, session)).toBeNull();
  await setUserDisabled(db, actorOf(operator), user.id, false);
  expect(await findSessionUser(db, session)).toBeNull();
  await expect(setUserDisabled(db, actorOf(operator), operator.id, true)).rejects.toMatchObject({
    key: "own_account",
  });
});

test("a disabled channel sends nothing until it is enabled and an Admin turns it on", async () => {
  const { db } = database;
  const { id } = await createChannel(db, { webhookUrl: "https://a.example/", useWebhook: true });
  await db.$executeRaw`
    insert into webhook_queue (id, channel_id, lane, due_at, event_count, body)
    values (gen_random_uuid(), ${id}, 0, now(), 1, '{}')`;
  await setChannelDisabled(db, testActor, id, true);
  expect(await db.queuedWebhook.count({ where: { channelId: id } })).toBe(0);
  const on = () => turnSwitch(db, testActor, id, "useWebhook", true);
  await expect(on()).rejects.toMatchObject({ key: "channel_disabled" });
  await setChannelDisabled(db, testActor, id, false);
  expect(await db.channel.findUnique({ where: { id } })).toMatchObject({ useWebhook: false });
  await on();
  expect(await db.channel.findUnique({ where: { id } })).toMatchObject({ useWebhook: true });
});

test("of two who save the same form the second is told, and nothing is overwritten", async () => {
  const { db } = database;
  const stale = { code: "conflict", key: "stale_form" };
  const channel = await createChannel(db, { name: "Before" });
  const edit = (name: string) =>
    editBasics(db, testActor, { channelId: channel.id, version: channel.version, name });
  const edits = await Promise.allSettled([edit("One"), edit("Other")]);
  expect(edits.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(edits.find((one) => one.status === "rejected")).toMatchObject({ reason: stale });

  const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
  await setWebhookUrl(db, policy, testActor, channel.id, "https://one.example/", null);
  const second = setWebhookUrl(db, policy, testActor, channel.id, "https://two.example/", null);
  await expect(second).rejects.toMatchObject(stale);

  const provider = await createProvider(db);
  const rename = (name: string) =>
    renameProvider(db, testActor, provider.id, { name, version: provider.version });
  await rename("One");
  await expect(rename("Other")).rejects.toMatchObject(stale);
});
