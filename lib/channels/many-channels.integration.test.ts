import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { findProviderNames, findProviderOf, listProviders } from "#lib/providers/queries.ts";
import {
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { listFailingChannels, listOwnChannels, listProviderChannels } from "./list.ts";
import { listMarked, noteOpened, pinsMax, setPinned } from "./marks.ts";
import type { ChannelPage } from "./schema.ts";
import { searchChannels } from "./search.ts";
import { readSideChannels } from "./side.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** A person and so many channels that they are Admin of, in one provider. */
async function createWorld(count: number) {
  const { db } = database;
  const user = await createUser(db);
  const provider = await createProvider(db);
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    // Two of each name: pages have to tell them apart.
    const name = `Bot ${String(Math.floor(n / 2)).padStart(3, "0")}`;
    const { id } = await createChannel(db, { name, providerId: provider.id, useWebhook: true });
    await createMember(db, id, { userId: user.id });
    ids.push(id);
  }
  return { user, provider, ids };
}

async function fail(channelId: string, minutesAgo: number): Promise<void> {
  await database.db.$executeRaw`
    insert into endpoint_health (channel_id, failing_since, shown_since, last_failure_at, failed_count, reason, detail)
    select ${channelId}, at, at, now(), 9, 'request_timeout', 'Request timeout'
      from (select now() - make_interval(mins => ${minutesAgo}::int) as at) began`;
}

async function readAll(page: (after: string | null) => Promise<ChannelPage>): Promise<string[]> {
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { entries, next }: ChannelPage = await page(after);
    seen.push(...entries.map(({ id }) => id));
    after = next;
  } while (after !== null);
  return seen;
}

test("a person's channels come in pages without gaps or repeats, in the order of names", async () => {
  const { db } = database;
  const { user, provider, ids } = await createWorld(123);
  const own = await readAll((after) => listOwnChannels(db, user.id, { after }));
  const ofProvider = await readAll((after) =>
    listProviderChannels(db, user.id, provider.id, { onlyOwn: true, after }),
  );
  expect(own).toHaveLength(123);
  expect([...own].sort()).toEqual([...ids].sort());
  expect(ofProvider).toEqual(own);
  const names = (await listOwnChannels(db, user.id)).entries.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
});

test("a page after a channel that is gone is the first one", async () => {
  const { user } = await createWorld(2);
  const { entries } = await listOwnChannels(database.db, user.id, { after: "0000000000" });
  expect(entries).toHaveLength(2);
});

test("past 25 channels the side bar has those that fail, are pinned, were opened last, each once", async () => {
  const { db } = database;
  const { user, ids } = await createWorld(30);
  const [failing = "", pinned = "", opened = "", both = ""] = ids;
  await fail(failing, 5);
  await fail(both, 1);
  await setPinned(db, user.id, pinned, true);
  await setPinned(db, user.id, both, true);
  for (const id of [opened, pinned, failing]) await noteOpened(db, user.id, id);
  const side = await readSideChannels(db, user.id);
  const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);
  if (side.kind !== "some") throw new Error("all channels stand in the side bar");
  expect(idsOf(side.failing)).toEqual([both, failing]);
  expect(idsOf(side.pinned)).toEqual([pinned]);
  expect(idsOf(side.recent)).toEqual([opened]);
});

test("a few channels all stand in the side bar, those that fail first", async () => {
  const { user, ids } = await createWorld(4);
  await fail(ids[3] ?? "", 1);
  const side = await readSideChannels(database.db, user.id);
  if (side.kind !== "all") throw new Error("some are missing");
  expect(side.others.map(({ id }) => id)[0]).toBe(ids[3]);
  expect(side.others).toHaveLength(4);
});

test("what fails is told only to those who may see errors, and not where Use webhook is off", async () => {
  const { db } = database;
  const { user, ids } = await createWorld(2);
  const tester = await createUser(db);
  for (const id of ids) await createMember(db, id, { userId: tester.id, role: "tester" });
  for (const id of ids) await fail(id, 1);
  await db.channel.update({ where: { id: ids[0] ?? "" }, data: { useWebhook: false } });
  const found = async (userId: string) =>
    (await listFailingChannels(db, userId, { limit: 9 })).map(({ id }) => id);
  expect(await found(user.id)).toEqual([ids[1]]);
  expect(await found(tester.id)).toEqual([]);
});

test("of what was opened the newest twenty are kept, and every pin up to the fiftieth", async () => {
  const { db } = database;
  const { user, ids } = await createWorld(pinsMax + 1);
  for (const id of ids.slice(0, 25)) {
    await noteOpened(db, user.id, id);
    await db.$executeRaw`
      update channel_marks set opened_at = opened_at - interval '2 minutes' where user_id = ${user.id}::uuid`;
  }
  const { recent } = await listMarked(db, user.id, { recentMax: 99 });
  expect(recent.map(({ id }) => id)).toEqual(ids.slice(5, 25).reverse());
  for (const id of ids.slice(0, pinsMax)) await setPinned(db, user.id, id, true);
  await expect(setPinned(db, user.id, ids[pinsMax] ?? "", true)).rejects.toMatchObject({
    key: "pins_full",
  });
  await setPinned(db, user.id, ids[0] ?? "", false);
  await setPinned(db, user.id, ids[pinsMax] ?? "", true);
});

test("a channel that somebody is changing is opened without waiting", async () => {
  const { db } = database;
  const { user, ids } = await createWorld(1);
  await db.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from channels where id = ${ids[0]} for update`;
    await noteOpened(db, user.id, ids[0] ?? "");
  });
  expect((await listMarked(db, user.id, { recentMax: 9 })).recent).toEqual([]);
});

test("a mark of a channel in which the role was lost leads nowhere", async () => {
  const { db } = database;
  const { user, ids } = await createWorld(1);
  await setPinned(db, user.id, ids[0] ?? "", true);
  await db.channelMember.deleteMany({ where: { userId: user.id } });
  expect((await listMarked(db, user.id, { recentMax: 9 })).pinned).toEqual([]);
});

/** What a person finds, by name. */
async function find(userId: string, text: string): Promise<string[]> {
  const { entries } = await searchChannels(database.db, userId, text, { limit: 20 });
  return entries.map(({ name }) => name);
}

test("a search finds any part of a name, an ID or a Webhook URL, whatever its case", async () => {
  const { db } = database;
  const user = await createUser(db);
  const provider = await createProvider(db);
  const made = async (name: string, webhookUrl: string | null, id: string) => {
    await createChannel(db, { id, name, webhookUrl, providerId: provider.id });
    await createMember(db, id, { userId: user.id, role: "member" });
  };
  await made("Harbour Ferry", "https://ferry.example/Hooks/line", "5550000001");
  await made("Ferry 100%_x", null, "5550000002");
  await made("灯台カフェ", "https://cafe.example/line", "5550000003");
  expect(await find(user.id, "FERRY")).toEqual(["Ferry 100%_x", "Harbour Ferry"]);
  expect(await find(user.id, "bour fer")).toEqual(["Harbour Ferry"]);
  expect(await find(user.id, "hooks/")).toEqual(["Harbour Ferry"]);
  expect(await find(user.id, "0%_")).toEqual(["Ferry 100%_x"]);
  expect(await find(user.id, "灯台")).toEqual(["灯台カフェ"]);
  expect(await find(user.id, "フ")).toEqual(["灯台カフェ"]);
  expect(await find(user.id, "5550000003")).toEqual(["灯台カフェ"]);
  expect(await find(user.id, "line example")).toEqual(["Harbour Ferry", "灯台カフェ"]);
  expect(await find(user.id, "nowhere")).toEqual([]);
  expect(await find(user.id, "  ")).toEqual([]);
});

test("a search follows a channel that was renamed or moved to another URL", async () => {
  const { db } = database;
  const { user, ids } = await createWorld(1);
  await db.channel.update({
    where: { id: ids[0] ?? "" },
    data: { name: "Lantern", webhookUrl: "https://new.example/" },
  });
  expect(await find(user.id, "bot")).toEqual([]);
  expect(await find(user.id, "lant new.ex")).toEqual(["Lantern"]);
});

test("a search shows nobody a channel or a URL that is not theirs to see", async () => {
  const { db } = database;
  const tester = await createUser(db);
  const admin = await createUser(db);
  const stranger = await createUser(db);
  const channel = await createChannel(db, { name: "Cove", webhookUrl: "https://quay.example/x" });
  await createMember(db, channel.id, { userId: tester.id, role: "tester" });
  await createProviderMember(db, channel.providerId, { userId: admin.id });
  expect(await find(tester.id, "cove")).toEqual(["Cove"]);
  expect(await find(tester.id, "quay")).toEqual([]);
  expect(await find(stranger.id, "cove")).toEqual([]);
  const listed = async (text: string) => {
    const within = { providerId: channel.providerId, isListed: true };
    return (await searchChannels(db, admin.id, text, { limit: 9, within })).entries;
  };
  expect(await listed("cove")).toMatchObject([{ id: channel.id, role: null, health: null }]);
  expect(await listed(channel.id)).toEqual([]);
  expect(await listed("quay")).toEqual([]);
});

test.each([
  ["a person with few roles", true],
  ["a person with many", false],
])("a name typed whole is found first, however many others hold it: %s", async (_, isFew) => {
  const { db } = database;
  const user = await createUser(db);
  const { id: providerId } = await createProvider(db);
  await db.$executeRaw`
    insert into channels (id, provider_id, name, description, email, bot_user_id, sealed_secret)
    select (5000000000 + n + ${isFew ? 0 : 1000})::text, ${providerId}, 'Quay 7' || n, '', 'quay@example.com',
           'U' || md5(n::text || ${String(isFew)}), 'none' from generate_series(1, 400) n`;
  const { id } = await createChannel(db, { name: "Quay 7", providerId });
  await db.$executeRaw`
    insert into channel_members (channel_id, user_id, role)
    select id, ${user.id}::uuid, 'admin' from channels where provider_id = ${providerId}`;
  const found = await searchChannels(db, user.id, " Quay 7 ", { limit: 3, isFew });
  expect(found.entries[0]).toMatchObject({ id, name: "Quay 7" });
  expect(found).toMatchObject({ isCut: true, entries: { length: 3 } });
  const ofAll = { within: { providerId, isListed: true } };
  expect(
    (await searchChannels(db, user.id, "Quay 7", { limit: 3, ...ofAll })).entries[0],
  ).toMatchObject({ id });
});

test("whoever finds more than fits is told so", async () => {
  const { user } = await createWorld(12);
  const found = await searchChannels(database.db, user.id, "bot", { limit: 10 });
  expect(found.entries).toHaveLength(10);
  expect(found.isCut).toBe(true);
});

test("providers are those of a role in them or in a channel of them, in pages", async () => {
  const { db } = database;
  const { user, provider } = await createWorld(3);
  const other = await createProvider(db, { name: "Aardvark" });
  await createProviderMember(db, other.id, { userId: user.id, role: "member" });
  const asker = { id: user.id, isOperator: false };
  const first = await listProviders(db, asker, { size: 1 });
  expect(first.entries).toEqual([{ id: other.id, name: "Aardvark", channelCount: 0 }]);
  const second = await listProviders(db, asker, { size: 1, after: first.next });
  expect(second).toEqual({
    entries: [{ id: provider.id, name: provider.name, channelCount: 3 }],
    next: null,
  });
  expect((await listProviders(db, asker, { q: "ardv" })).entries).toHaveLength(1);
  expect(await findProviderNames(db, asker, { q: "ardv", size: 5 })).toEqual([
    { id: other.id, name: "Aardvark" },
  ]);
  expect(await findProviderOf(db, asker, provider.id)).toMatchObject({ standing: "none" });
  const stranger = await createUser(db);
  expect(await findProviderOf(db, { id: stranger.id, isOperator: false }, provider.id)).toBeNull();
});
