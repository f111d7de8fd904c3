import { afterAll, beforeAll, expect, test } from "vitest";
import { mailLimits } from "#lib/accounts/mail-limits.ts";
import type { Database } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import {
  actorOf,
  createChannel,
  createMember,
  createProvider,
  createUser,
  testActor,
  testEncryptionKey,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { editBasics, createChannel as makeChannel } from "./commands.ts";
import { askAgain } from "./confirm-address.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

let strangers = 0;
const unique = (): string => {
  strangers += 1;
  return `stranger-${strangers}@example.org`;
};
const limited = { code: "rate_limited" };

async function world() {
  const { db } = database;
  const user = await createUser(db);
  const channel = await createChannel(db);
  await createMember(db, channel.id, { userId: user.id, role: "admin" });
  return { actor: { ...actorOf(user), session: null }, channelId: channel.id };
}
const mailsTo = (recipient: string) => database.db.mailOrder.count({ where: { recipient } });
const mailsOf = (channelId: string) => database.db.mailOrder.count({ where: { channelId } });
const emailOf = async (id: string) =>
  (await database.db.channel.findUniqueOrThrow({ where: { id } })).email;

test("an address of a channel that is set again and again is mailed a few times an hour, and not set then", async () => {
  const { actor, channelId } = await world();
  for (let n = 0; n < mailLimits.channel.max; n += 1) {
    await editBasics(database.db, actor, { channelId, email: unique() });
  }
  const last = await emailOf(channelId);
  await expect(
    editBasics(database.db, actor, { channelId, email: unique() }),
  ).rejects.toMatchObject(limited);
  await expect(askAgain(database.db, actor, "en", channelId)).rejects.toMatchObject(limited);
  expect(await emailOf(channelId)).toBe(last);
  expect(await mailsOf(channelId)).toBe(mailLimits.channel.max);
  await editBasics(database.db, actor, { channelId, name: "Another name" });
});

test("one address is mailed a few times an hour, through however many channels and people, in whatever case", async () => {
  const victim = unique();
  const set = async (email: string) => {
    const { actor, channelId } = await world();
    await editBasics(database.db, actor, { channelId, email });
  };
  for (let n = 0; n < mailLimits.address.max; n += 1) await set(victim);
  await expect(set(victim)).rejects.toMatchObject(limited);
  await expect(set(victim.toUpperCase())).rejects.toMatchObject(limited);
  expect(await mailsTo(victim)).toBe(mailLimits.address.max);
});

test("one person causes so many an hour, also by making channels", async () => {
  const { db } = database;
  const actor = { ...actorOf(await createUser(db)), session: null };
  const { id: providerId } = await createProvider(db);
  await db.providerMember.create({ data: { providerId, userId: actor.id, role: "admin" } });
  const make = () =>
    makeChannel(db, testEncryptionKey, actor, {
      ...{ providerId, name: "Bot", description: "x", email: unique() },
    });
  for (let n = 0; n < mailLimits.person.max; n += 1) await make();
  await expect(make()).rejects.toMatchObject(limited);
  expect(await db.channel.count({ where: { providerId } })).toBe(mailLimits.person.max);
});

test("what programs make or change is done all the same, without a mail past the limit, and stays unconfirmed", async () => {
  const { db } = database;
  const victim = unique();
  const { id: keyId } = await createPlatformKey(db, testActor, { name: "gateway" });
  const key = { kind: "platform_key" as const, id: keyId, name: "gateway", from: null };
  const { id: providerId } = await createProvider(db);
  const ids: string[] = [];
  for (let n = 0; n < mailLimits.address.max + 3; n += 1) {
    const form = { providerId, name: "Bot", description: "x", email: victim };
    ids.push((await makeChannel(db, testEncryptionKey, key, form)).channelId);
  }
  expect(await mailsTo(victim)).toBe(mailLimits.address.max);
  const { id } = await createChannel(db);
  for (let n = 0; n < 20; n += 1) await editBasics(db, key, { channelId: id, email: unique() });
  expect(await mailsOf(id)).toBe(mailLimits.channel.max);
  const unconfirmed = await db.channel.count({
    where: { id: { in: [...ids, id] }, emailVerifiedAt: null },
  });
  expect(unconfirmed).toBe(ids.length + 1);
});

test("the mail to a stranger makes no link of the channel's name", async () => {
  const email = unique();
  const { id: channelId } = await createChannel(database.db, {
    name: "Win at https://evil.example",
  });
  await editBasics(database.db, testActor, { channelId, email });
  const order = await database.db.mailOrder.findFirstOrThrow({ where: { recipient: email } });
  expect(order.params).toEqual({ channelName: "Win at https[:]//evil[.]example" });
});
