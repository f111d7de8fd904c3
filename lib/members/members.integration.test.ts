import { afterAll, beforeAll, expect, test } from "vitest";
import { listSolePlaces } from "#lib/accounts/delete-account.ts";
import { findChannelOf } from "#lib/channels/queries.ts";
import type { Database } from "#lib/db.ts";
import { findProviderOf } from "#lib/providers/queries.ts";
import {
  actorOf,
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { addMember, changeRole, leaveChannel, removeMembers } from "./commands.ts";
import { importMembers } from "./import-members.ts";
import { listMembers } from "./queries.ts";
import { peopleListMax } from "./schema.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const actor = (id: string) => actorOf({ id });
const channelPlace = (id: string) => ({ kind: "channel" as const, id });
const providerPlace = (id: string) => ({ kind: "provider" as const, id });
const lastAdmin = { code: "conflict", key: "last_channel_admin" };

test("the last Admin of a channel can be neither removed nor demoted", async () => {
  const { db } = database;
  const channel = await createChannel(db);
  const { userId } = await createMember(db, channel.id);
  await createMember(db, channel.id, { role: "member" });
  const place = channelPlace(channel.id);
  await expect(removeMembers(db, actor(userId), place, [userId])).rejects.toMatchObject(lastAdmin);
  await expect(
    changeRole(db, actor(userId), place, { userId, role: "tester" }),
  ).rejects.toMatchObject(lastAdmin);
  expect(await findChannelOf(db, userId, channel.id)).toMatchObject({ role: "admin" });
});

test("of two Admins who demote themselves at once exactly one succeeds", async () => {
  const { db } = database;
  for (let round = 0; round < 10; round += 1) {
    const channel = await createChannel(db);
    const admins = await Promise.all([createMember(db, channel.id), createMember(db, channel.id)]);
    const place = channelPlace(channel.id);
    const tries = await Promise.allSettled(
      admins.map(({ userId }) => changeRole(db, actor(userId), place, { userId, role: "member" })),
    );
    expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(tries.find((one) => one.status === "rejected")).toMatchObject({ reason: lastAdmin });
  }
});

test("of two Admins who remove each other at once exactly one stays", async () => {
  const { db } = database;
  for (let round = 0; round < 10; round += 1) {
    const provider = await createProvider(db);
    const admins = await Promise.all([
      createProviderMember(db, provider.id),
      createProviderMember(db, provider.id),
    ]);
    const [one, other] = admins.map(({ userId }) => userId);
    if (one === undefined || other === undefined) throw new Error("two Admins were made");
    const place = providerPlace(provider.id);
    const tries = await Promise.allSettled([
      removeMembers(db, actor(one), place, [other]),
      removeMembers(db, actor(other), place, [one]),
    ]);
    expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await listMembers(db, place)).toHaveLength(1);
  }
});

test("an operator repairs the roles of a provider but not of a channel", async () => {
  const { db } = database;
  const operator = actorOf(await createUser(db, { isOperator: true }));
  const person = await createUser(db);
  const channel = await createChannel(db);
  const form = { email: person.email, role: "admin" as const };
  await addMember(db, operator, providerPlace(channel.providerId), form);
  await expect(addMember(db, operator, channelPlace(channel.id), form)).rejects.toMatchObject({
    code: "forbidden",
  });
  expect(await findProviderOf(db, actor(person.id), channel.providerId)).toMatchObject({
    standing: "admin",
  });
});

test("somebody without an account, or with a role already, is refused at the field", async () => {
  const { db } = database;
  const channel = await createChannel(db);
  const { userId } = await createMember(db, channel.id);
  const person = await createUser(db);
  const place = channelPlace(channel.id);
  const add = (email: string) => addMember(db, actor(userId), place, { email, role: "member" });
  await expect(add("nobody@example.com")).rejects.toMatchObject({
    key: "unknown_person",
    details: [{ property: "email" }],
  });
  await add(person.email);
  await expect(add(person.email)).rejects.toMatchObject({ key: "member_already" });
});

test("a provider has no Testers", async () => {
  const { db } = database;
  const provider = await createProvider(db);
  const { userId } = await createProviderMember(db, provider.id);
  const person = await createUser(db);
  await expect(
    addMember(db, actor(userId), providerPlace(provider.id), {
      email: person.email,
      role: "tester",
    }),
  ).rejects.toMatchObject({ code: "invalid" });
});

test("Members and Testers leave a channel, an Admin does not", async () => {
  const { db } = database;
  const channel = await createChannel(db);
  const [admin, tester] = await Promise.all([
    createMember(db, channel.id),
    createMember(db, channel.id, { role: "tester" }),
  ]);
  await leaveChannel(db, actor(tester.userId), channel.id);
  expect(await findChannelOf(db, tester.userId, channel.id)).toBeNull();
  await expect(leaveChannel(db, actor(admin.userId), channel.id)).rejects.toMatchObject({
    code: "conflict",
  });
});

test("a channel role says nothing about the provider, and the other way round", async () => {
  const { db } = database;
  const channel = await createChannel(db);
  const inProvider = await createProviderMember(db, channel.providerId);
  const inChannel = await createMember(db, channel.id);
  const stranger = await createUser(db);
  expect(await findChannelOf(db, inProvider.userId, channel.id)).toBeNull();
  expect(await findProviderOf(db, actor(inChannel.userId), channel.providerId)).toMatchObject({
    standing: "none",
  });
  expect(await findProviderOf(db, actor(stranger.id), channel.providerId)).toBeNull();
});

test("people are found by what was typed, as it was typed", async () => {
  const { db } = database;
  const channel = await createChannel(db);
  const people = [
    await createUser(db, { name: "Ben 100%", email: "ben_x@example.com" }),
    await createUser(db, { name: "Ben Other", email: "benxx@example.com" }),
  ];
  for (const { id } of people) await createMember(db, channel.id, { userId: id, role: "member" });
  const find = async (text: string) =>
    (await listMembers(db, channelPlace(channel.id), text)).map(({ email }) => email);
  expect(await find("BEN_X")).toEqual(["ben_x@example.com"]);
  expect(await find("0%")).toEqual(["ben_x@example.com"]);
  expect(await find("b%n")).toEqual([]);
  expect(await find("ben")).toHaveLength(2);
});

test("an Admin who is disabled is none that a channel could do without another one", async () => {
  const { db } = database;
  const channel = await createChannel(db);
  const { userId } = await createMember(db, channel.id);
  const disabled = await createUser(db, { disabledAt: new Date() });
  await createMember(db, channel.id, { userId: disabled.id });
  const place = channelPlace(channel.id);
  await expect(removeMembers(db, actor(userId), place, [userId])).rejects.toMatchObject(lastAdmin);
  expect(await listSolePlaces(db, userId)).toMatchObject([{ id: channel.id }]);
  // The disabled one can still be removed.
  await removeMembers(db, actor(userId), place, [disabled.id]);
  expect(await listMembers(db, place)).toHaveLength(1);
});

test("who is removed from a provider loses the roles in its channels too where that is asked for, all or none", async () => {
  const { db } = database;
  const provider = await createProvider(db);
  const admin = await createProviderMember(db, provider.id);
  const leaver = await createProviderMember(db, provider.id, { role: "member" });
  const own = await createChannel(db, { providerId: provider.id, name: "Kept desk" });
  const shared = await createChannel(db, { providerId: provider.id });
  const foreign = await createChannel(db);
  for (const { id } of [own, shared, foreign]) {
    await createMember(db, id, { userId: leaver.userId });
  }
  await createMember(db, shared.id);
  const place = providerPlace(provider.id);
  const remove = () =>
    removeMembers(db, actor(admin.userId), place, [leaver.userId], { fromChannels: true });

  await expect(remove()).rejects.toMatchObject({
    code: "conflict",
    key: "last_admin_of_channels",
    values: { names: "Kept desk" },
  });
  expect(await db.channelMember.count({ where: { userId: leaver.userId } })).toBe(3);
  expect(await listMembers(db, place)).toHaveLength(2);

  await createMember(db, own.id);
  await remove();
  const left = await db.channelMember.findMany({ where: { userId: leaver.userId } });
  expect(left.map(({ channelId }) => channelId)).toEqual([foreign.id]);
  const entries = await db.auditEntry.findMany({
    where: { action: "member_removed", targetId: leaver.userId },
    orderBy: { id: "asc" },
  });
  expect(entries.map(({ providerId, channelId }) => providerId ?? channelId).sort()).toEqual(
    [provider.id, own.id, shared.id].sort(),
  );
});

test("as many people as one form can name get roles, and lose them, in one step, each recorded", async () => {
  const { db, pool } = database;
  const { id: channelId, providerId } = await createChannel(db);
  const { userId } = await createMember(db, channelId);
  await createProviderMember(db, providerId, { userId });
  const { rows } = await pool.query<{ user_id: string }>(
    `with made as (
       insert into users (id, email, name)
       select gen_random_uuid(), 'many-' || n || '@example.com', 'Person ' || n from generate_series(1, $2) n returning id
     )
     insert into provider_members (provider_id, user_id, role) select $1, id, 'member' from made returning user_id`,
    [providerId, peopleListMax],
  );
  const userIds = rows.map((row) => row.user_id);
  const recorded = (action: string) => db.auditEntry.count({ where: { channelId, action } });
  await importMembers(
    db,
    actor(userId),
    { id: channelId, providerId },
    { userIds, role: "member" },
  );
  expect(await db.channelMember.count({ where: { channelId } })).toBe(peopleListMax + 1);
  expect(await recorded("member_added")).toBe(peopleListMax);
  await removeMembers(db, actor(userId), channelPlace(channelId), userIds);
  expect(await db.channelMember.count({ where: { channelId } })).toBe(1);
  expect(await recorded("member_removed")).toBe(peopleListMax);
});
