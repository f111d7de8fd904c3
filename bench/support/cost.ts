import { type Drained, drainWaiting } from "#bench/delivery/drain.ts";
import type { Database } from "#lib/db.ts";
import type { Sender } from "#lib/transport/sender.ts";
import type { BotServer } from "./bot-server.ts";
import { type Figure, figure, median, medianRatio, printTable, round, spread } from "./figures.ts";
import {
  type BenchChannel,
  fillQueue,
  makeChannels,
  openSender,
  openWorld,
  type World,
} from "./world.ts";

/** A state of the queue in which the cost of a delivery is measured. */
export type Setting = {
  name: string;
  channels: number;
  /** Webhooks that wait when a drain begins, spread over the channels. */
  waiting: number;
  /** What is drained is put back for the next turn; otherwise the queue is emptied and filled anew. */
  isKept: boolean;
};

/** `waiting` webhooks of a hundred channels, of which a few thousand are delivered. */
export const whileWaiting = (waiting: number): Setting => ({
  name: `${waiting.toLocaleString("en")} wait`,
  channels: 100,
  waiting,
  isKept: true,
});

/** So many channels, each with as many of `waiting`. */
export const amongChannels = (channels: number, waiting: number): Setting => ({
  name: `${channels.toLocaleString("en")} channels, ${waiting / channels} each`,
  channels,
  waiting,
  isKept: false,
});

type Cost = {
  /** Of the clock, per delivery. */
  us: number;
  /** Processor time of this process, which is the worker with its HTTP client, per delivery. */
  workerUs: number;
  databaseUs: number;
};
type Place = { setting: Setting; world: World; channels: BenchChannel[]; costs: Cost[] };

/** What a delivery costs in each setting. Each has a database of its own; they take turns, `portion` deliveries at a time. */
export async function measureCosts(
  bot: BotServer,
  settings: readonly Setting[],
  { portion, rounds }: { portion: number; rounds: number },
): Promise<ReadonlyMap<Setting, readonly number[]>> {
  const sender = openSender();
  const places: Place[] = [];
  try {
    for (const setting of settings) places.push(await openPlace(bot, setting));
    // The first round is thrown away: code is compiled, connections open, pages come into memory.
    for (let turn = -1; turn < rounds; turn += 1) {
      for (const place of turn % 2 === 0 ? places : places.toReversed()) {
        const cost = await measureOnce(place, sender, portion);
        if (turn >= 0) place.costs.push(cost);
      }
    }
  } finally {
    for (const { world } of places) await world.stop();
    await sender.close();
  }
  const isTold = places.every(({ costs }) => costs.every((cost) => cost.databaseUs > 0));
  if (!isTold)
    console.log("This system does not tell the database's processor time: costs are by the clock.");
  const of = ({ us, workerUs, databaseUs }: Cost) => (isTold ? workerUs + databaseUs : us);
  printTable(
    [
      "processor time per delivery",
      "µs",
      "lowest to highest",
      "worker",
      "database",
      "by the clock",
    ],
    places.map(({ setting, costs }) => [
      setting.name,
      round(median(costs.map(of)), 0),
      spread(costs.map(of)),
      round(median(costs.map((cost) => cost.workerUs)), 0),
      round(median(costs.map((cost) => cost.databaseUs)), 0),
      round(median(costs.map((cost) => cost.us)), 0),
    ]),
  );
  return new Map(places.map(({ setting, costs }) => [setting, costs.map(of)]));
}

/** How many times as much a delivery costs in one setting as in the other. */
export const growth = (
  costs: ReadonlyMap<Setting, readonly number[]>,
  many: Setting,
  few: Setting,
): Figure => figure(medianRatio(costs.get(many) ?? [], costs.get(few) ?? []));

async function openPlace(bot: BotServer, setting: Setting): Promise<Place> {
  const world = await openWorld();
  const channels = await makeChannels(world.database, setting.channels, () => `${bot.url}/ok`);
  if (setting.isKept) await fillQueue(world.database, channels, setting.waiting);
  return { setting, world, channels, costs: [] };
}

/** Where less waits than is to be delivered, it is filled and drained several times. */
async function measureOnce(place: Place, sender: Sender, portion: number): Promise<Cost> {
  const { setting, world, channels } = place;
  const { database } = world;
  const drained: Drained[] = [];
  const sum = (of: (one: Drained) => number): number =>
    drained.reduce((total, one) => total + of(one), 0);
  while (sum((one) => one.delivered) < portion) {
    if (!setting.isKept) await database.pool.query(`truncate ${emptied}`);
    const size = Math.min(portion, setting.waiting);
    const wanted = setting.isKept ? setting.waiting + size : setting.waiting;
    await fillQueue(database, channels, wanted - (await countWaiting(database)));
    await database.pool.query("vacuum analyze webhook_queue");
    drained.push(await drainWaiting(database, sender, size));
  }
  const delivered = sum((one) => one.delivered);
  return {
    us: (sum((one) => one.seconds) * 1e6) / delivered,
    workerUs: (sum((one) => one.workerMs) * 1e3) / delivered,
    databaseUs: (sum((one) => one.databaseMs ?? 0) * 1e3) / delivered,
  };
}

async function countWaiting({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::int as count from webhook_queue",
  );
  return rows[0]?.count ?? 0;
}

const emptied = "webhook_queue, ready_channels, webhook_sources, webhooks, webhook_attempts";
