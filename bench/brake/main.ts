// npm run bench:brake [-- --waiting 1000000]
// The emergency brake: how soon Use webhook off takes effect while this many webhooks wait, and how fast they end afterwards;
// then the same for a deleted channel. Each body holds one common event.
import { parseArgs } from "node:util";
import { machine, printTable, round } from "#bench/support/figures.ts";
import { makeChannels, openWorld, type World } from "#bench/support/world.ts";
import { stepCancellation } from "#lib/cancellations/step.ts";
import { deleteChannel } from "#lib/channels/commands.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import { claimWebhooks, lanes } from "#lib/queue/claim.ts";
import { testActor } from "#testing/factories.ts";

const { values } = parseArgs({ options: { waiting: { type: "string", default: "1000000" } } });
const waiting = Number(values.waiting);

const body = JSON.stringify({
  destination: `U${"0".repeat(32)}`,
  events: [
    {
      type: "message",
      message: { type: "text", id: "1", text: "Hello, and thank you for the quick answer!" },
      webhookEventId: "01KAX0000000000000000000000",
      deliveryContext: { isRedelivery: false },
      timestamp: 1_700_000_000_000,
      source: { type: "user", userId: `U${"1".repeat(32)}` },
      mode: "active",
    },
  ],
});

type Figures = { offMs: number; firstClaimMs: number; endedPerSecond: number };

console.log(machine());
const world = await openWorld();
try {
  const off = await measure(world, async (channelId) => {
    await turnSwitch(world.database.db, testActor, channelId, "useWebhook", false);
  });
  const deleted = await measure(world, async (channelId) => {
    const { name } = await world.database.db.channel.findUniqueOrThrow({
      where: { id: channelId },
    });
    await deleteChannel(world.database.db, testActor, channelId, name);
  });
  printTable(
    ["", "takes effect, ms", "next claim, ms", "ended per second"],
    Object.entries({ "Use webhook off": off, "channel deleted": deleted }).map(([name, one]) => [
      name,
      round(one.offMs, 0),
      round(one.firstClaimMs, 0),
      round(one.endedPerSecond, 0),
    ]),
  );
  console.log(
    JSON.stringify({
      waiting,
      offMs: round(off.offMs, 0),
      endedPerSecond: round(off.endedPerSecond, 0),
      deleteMs: round(deleted.offMs, 0),
      deletedEndedPerSecond: round(deleted.endedPerSecond, 0),
    }),
  );
} finally {
  await world.stop();
}

async function measure(
  { database: { pool } }: World,
  brake: (channelId: string) => Promise<void>,
): Promise<Figures> {
  const [channel] = await makeChannels(world.database, 1, () => "https://bot.example.com/");
  if (channel === undefined) throw new Error("no channel was created");
  await fill(channel.id);
  const offMs = await timed(() => brake(channel.id));
  const firstClaimMs = await timed(async () => {
    const claimed = await claimWebhooks(pool, {
      lane: lanes.first,
      turnsMax: 16,
      leaseMs: 20_000,
      excluded: [],
      share: (channelIds) => channelIds.map(() => 256),
      doubtfulMax: 1,
      onSetAside: () => undefined,
    });
    if (claimed.length > 0) throw new Error("a cancelled webhook was claimed");
  });
  const endedBefore = await countEnded(channel.id);
  const ms = await timed(async () => {
    for (;;) {
      const report = await stepCancellation(pool);
      if (report === null || report.totalCount !== null) return;
    }
  });
  const ended = await countEnded(channel.id);
  if (ended !== waiting) throw new Error(`${ended} of ${waiting} have ended`);
  return { offMs, firstClaimMs, endedPerSecond: ((ended - endedBefore) / ms) * 1_000 };
}

/** As intake leaves them: accepted within the last minutes, due since. */
async function fill(channelId: string): Promise<void> {
  const { pool } = world.database;
  await pool.query(
    `insert into webhook_queue (id, channel_id, lane, due_at, event_count, body)
     select uuidv7(n * interval '-1 ms'), $1, 0, now() - n * interval '1 ms', 1, $3
       from generate_series($2::int, 1, -1) as n`,
    [channelId, waiting, body],
  );
  await pool.query(
    "insert into ready_channels (lane, channel_id, due_at) values (0, $1, now() - interval '1 s')",
    [channelId],
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function countEnded(channelId: string): Promise<number> {
  const { rows } = await world.database.pool.query<{ count: number }>(
    "select count(*)::int as count from webhooks where channel_id = $1",
    [channelId],
  );
  return rows[0]?.count ?? 0;
}
