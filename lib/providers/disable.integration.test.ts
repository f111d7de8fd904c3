import { afterAll, beforeAll, expect, test } from "vitest";
import { createChannel } from "#lib/channels/commands.ts";
import { setChannelDisabled } from "#lib/channels/disable.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { claimWebhooks, lanes } from "#lib/queue/claim.ts";
import {
  createChannel as channelIn,
  createMember,
  createProvider,
  createProviderMember,
  testEncryptionKey as key,
  testActor,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { deleteProvider, renameProvider } from "./commands.ts";
import { setProviderDisabled } from "./disable.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const disable = (id: string) => setProviderDisabled(database.db, testActor, id, true);
const enable = (id: string) => setProviderDisabled(database.db, testActor, id, false);
const create = (providerId: string) =>
  createChannel(database.db, key, testActor, {
    providerId,
    name: "Bot",
    description: "D",
    email: "team@example.com",
  });
const channelsOf = (providerId: string) =>
  database.db.channel.findMany({ where: { providerId }, orderBy: { id: "asc" } });

/** A channel that sends, with one webhook that was never tried and one that waits for its redelivery. */
async function busyChannel(providerId: string): Promise<string> {
  const url = { webhookUrl: "https://bot.example.com/", useWebhook: true };
  const { id } = await channelIn(database.db, { providerId, ...url });
  await accept(id);
  await database.db.$executeRaw`
    insert into webhook_queue (id, channel_id, lane, attempt, failures, due_at, event_count, body)
    values (gen_random_uuid(), ${id}, 1, 1, 1, now(), 1, '{}')`;
  await database.db.$executeRaw`
    insert into ready_channels (lane, channel_id, due_at) values (1, ${id}, now())`;
  return id;
}

const accept = (channelId: string) =>
  acceptWebhooks(database.pool, [
    { channelId, events: ['{"type":"follow"}'], idempotencyKey: null },
  ]);

async function statesOf(channelIds: string[]): Promise<string[]> {
  const rows = await database.db.webhook.findMany({ where: { channelId: { in: channelIds } } });
  return rows.map((row) => row.state).sort();
}

const claim = async () => {
  const options = {
    turnsMax: 100,
    leaseMs: 20_000,
    excluded: [],
    share: (channelIds: readonly string[]) => channelIds.map(() => 10),
    doubtfulMax: 1,
    onSetAside: () => undefined,
  };
  const claims = [lanes.first, lanes.redelivery].map((lane) =>
    claimWebhooks(database.pool, { lane, ...options }),
  );
  return (await Promise.all(claims)).flat();
};

test("what waits for any channel of a disabled provider ends, nothing more is sent, and other providers go on", async () => {
  const { id } = await createProvider(database.db);
  const channelIds = [await busyChannel(id), await busyChannel(id)];
  const elsewhere = await busyChannel((await createProvider(database.db)).id);
  await disable(id);
  expect(await statesOf(channelIds)).toEqual(["cancelled", "cancelled", "not_sent", "not_sent"]);
  await Promise.all(channelIds.map(accept));
  expect(await statesOf(channelIds)).toHaveLength(6);
  const claimed = (await claim()).map((webhook) => webhook.channelId);
  expect(claimed).toEqual([elsewhere, elsewhere]);
  for (const channelId of channelIds) {
    const on = turnSwitch(database.db, testActor, channelId, "useWebhook", true);
    await expect(on).rejects.toMatchObject({ key: "channel_disabled" });
  }
});

test("people keep their roles in a disabled provider and its channels, and it can be renamed and deleted", async () => {
  const { db } = database;
  const { id } = await createProvider(db);
  const channel = await channelIn(db, { providerId: id });
  const [inProvider, inChannel] = [
    await createProviderMember(db, id),
    await createMember(db, channel.id),
  ];
  await disable(id);
  expect(await db.providerMember.findMany({ where: { providerId: id } })).toEqual([inProvider]);
  expect(await db.channelMember.findMany({ where: { channelId: channel.id } })).toEqual([
    inChannel,
  ]);
  await db.channel.delete({ where: { id: channel.id } });
  await renameProvider(db, testActor, id, { name: "Renamed" });
  await deleteProvider(db, testActor, id, "Renamed");
});

test("no channel is created in a disabled provider until it is enabled", async () => {
  const { id } = await createProvider(database.db);
  await disable(id);
  const refusal = { code: "conflict", key: "provider_is_disabled" };
  await expect(create(id)).rejects.toMatchObject(refusal);
  expect(await channelsOf(id)).toEqual([]);
  await enable(id);
  await create(id);
});

test("no channel of a disabled provider is enabled; those of an enabled one are, one by one", async () => {
  const { db } = database;
  const { id } = await createProvider(db);
  const [one, other] = [
    await channelIn(db, { providerId: id }),
    await channelIn(db, { providerId: id }),
  ];
  const enableOne = () => setChannelDisabled(db, testActor, one.id, false);
  await disable(id);
  const refusal = { code: "conflict", key: "provider_is_disabled_enable" };
  await expect(enableOne()).rejects.toMatchObject(refusal);
  await enable(id);
  expect((await channelsOf(id)).filter((row) => row.disabledAt === null)).toEqual([]);
  await enableOne();
  const inService = (await channelsOf(id)).filter((row) => row.disabledAt === null);
  expect(inService.map((row) => row.id)).toEqual([one.id]);
  expect(inService.map((row) => row.id)).not.toContain(other.id);
});

test("a channel created while its provider is disabled is either disabled too or refused", async () => {
  for (let round = 0; round < 40; round += 1) {
    const { id } = await createProvider(database.db);
    // Begun before it and after it, in turn, so that either may come first.
    const before = Array.from({ length: round % 4 }, () => create(id));
    const disabling = disable(id);
    const creations = [...before, create(id), create(id)];
    const [disabled, ...created] = await Promise.allSettled([disabling, ...creations]);
    expect(disabled.status).toBe("fulfilled");
    for (const one of created) {
      if (one.status === "rejected") {
        expect(one.reason).toMatchObject({ key: "provider_is_disabled" });
      }
    }
    const channels = await channelsOf(id);
    expect(channels.length).toBe(created.filter((one) => one.status === "fulfilled").length);
    expect(channels.filter((row) => row.disabledAt === null)).toEqual([]);
  }
});

test("a channel enabled while its provider is disabled ends disabled", async () => {
  const { db } = database;
  for (let round = 0; round < 25; round += 1) {
    const { id } = await createProvider(db);
    const channels = [];
    for (let n = 0; n < 3; n += 1) {
      channels.push(await channelIn(db, { providerId: id, disabledAt: new Date() }));
    }
    const enablings = channels.map((one) => setChannelDisabled(db, testActor, one.id, false));
    const [disabled, ...enabled] = await Promise.allSettled([disable(id), ...enablings]);
    expect(disabled.status).toBe("fulfilled");
    for (const one of enabled) {
      if (one.status === "rejected") {
        expect(one.reason).toMatchObject({ key: "provider_is_disabled_enable" });
      }
    }
    expect((await channelsOf(id)).filter((row) => row.disabledAt === null)).toEqual([]);
  }
});

test("the log tells of the provider and of every channel that went out of service with it, once", async () => {
  const { db } = database;
  const { id } = await createProvider(db);
  const channelIds = [await busyChannel(id), await busyChannel(id)].sort();
  await channelIn(db, { providerId: id, disabledAt: new Date() });
  const entries = () =>
    db.auditEntry.findMany({
      where: { providerId: id },
      orderBy: { id: "asc" },
      select: { action: true, channelId: true, after: true },
    });
  await Promise.all([disable(id), disable(id)]);
  await disable(id);
  const channels = channelIds.map((channelId) => ({
    action: "channel_disabled",
    channelId,
    after: { endedWebhooks: 2 },
  }));
  const provider = {
    action: "provider_disabled",
    channelId: null,
    after: { disabledChannels: 2, endedWebhooks: 4 },
  };
  expect(await entries()).toEqual([...channels, provider]);
  const before = await db.provider.findUniqueOrThrow({ where: { id } });
  await disable(id);
  expect(await db.provider.findUniqueOrThrow({ where: { id } })).toEqual(before);
  await enable(id);
  await enable(id);
  const enabled = { action: "provider_enabled", channelId: null, after: null };
  expect(await entries()).toEqual([...channels, provider, enabled]);
});

test("an unknown provider is not found", async () => {
  const gone = { code: "not_found" };
  await expect(disable("1")).rejects.toMatchObject(gone);
  await expect(enable("1")).rejects.toMatchObject(gone);
  await expect(create("1")).rejects.toMatchObject(gone);
});
