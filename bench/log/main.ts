// npm run bench:log [-- --sizes 100000,1000000 --rounds 15]
// The Deliveries page and its filters with more and more webhooks in the log, and what redelivering costs.
import { parseArgs } from "node:util";
import { machine, median, printTable, round } from "#bench/support/figures.ts";
import { countTotal, countWebhooks } from "#lib/delivery-log/count.ts";
import { listWebhooks } from "#lib/delivery-log/list.ts";
import { anyOutcome, type LogQuestion } from "#lib/delivery-log/schema.ts";
import { giveTurn, moveIntoQueue } from "#lib/redeliveries/enqueue.ts";
import { startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { type LogWorld, makeLogWorld, rareEventId } from "./data.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "100000,1000000" },
    rounds: { type: "string", default: "15" },
  },
});

const undelivered = ["failed", "stopped", "cancelled", "not_sent"] as const;
/** Each of them as one page of a range of 30 days. `rareType` is found nowhere: the dearest search there is. */
const questions = {
  page: async ({ database: { db }, question }: LogWorld) => listWebhooks(db, question, null),
  deepPage: async ({ database: { db }, question, middle }: LogWorld) =>
    listWebhooks(db, question, { direction: "after", id: middle }),
  undelivered: async ({ database: { db }, question }: LogWorld) =>
    listWebhooks(db, { ...question, states: undelivered }, null),
  commonType: async ({ database: { db }, question }: LogWorld) =>
    listWebhooks(db, { ...question, eventType: "message" }, null),
  rareType: async ({ database: { db }, question }: LogWorld) =>
    listWebhooks(db, { ...question, eventType: "beacon" }, null),
  eventId: async ({ database: { db }, question, eventFrom }: LogWorld) => {
    const asked: LogQuestion = { ...question, from: eventFrom, eventId: rareEventId(eventFrom) };
    return listWebhooks(db, asked, null, { ascending: true });
  },
  slowAnswers: async ({ database: { db }, question }: LogWorld) =>
    listWebhooks(db, { ...question, outcome: { ...anyOutcome, answerFromMs: 1_500 } }, null),
  byReason: async ({ database: { db }, question }: LogWorld) =>
    listWebhooks(
      db,
      { ...question, outcome: { ...anyOutcome, reason: "error_status_code" } },
      null,
    ),
  bySource: async ({ database: { db }, question }: LogWorld) =>
    listWebhooks(db, { ...question, sourceId: "U7" }, null),
  total: async ({ database: { db }, question }: LogWorld) => countTotal(db, question),
  totalSlow: async ({ database: { db }, question }: LogWorld) =>
    countTotal(db, { ...question, outcome: { ...anyOutcome, answerFromMs: 1_500 } }),
  countUndelivered: async ({ database: { db }, question }: LogWorld) =>
    countWebhooks(db, { ...question, states: undelivered }),
  countAll: async ({ database: { db }, question }: LogWorld) => countWebhooks(db, question),
};
type Name = keyof typeof questions;
const names = Object.keys(questions) as Name[];

console.log(machine());
const cluster = await startThrowawayDatabase();
try {
  const worlds: LogWorld[] = [];
  for (const size of values.sizes.split(",").map(Number)) {
    worlds.push(await makeLogWorld(cluster.url, size));
  }
  const times = await measure(worlds, Number(values.rounds));
  printTable(
    ["webhooks in the log", ...names.map((name) => `${name} ms`)],
    times.map((time, index) => [
      worlds[index]?.size ?? 0,
      ...names.map((name) => round(time[name], 1)),
    ]),
  );
  const ratio = (name: Name) =>
    round((times.at(-1)?.[name] ?? Number.NaN) / (times[0]?.[name] ?? Number.NaN));
  const redeliveredPerSecond = round(await measureRedelivering(worlds.at(-1)), 0);
  console.log(
    JSON.stringify({
      largest: worlds.at(-1)?.size,
      ...Object.fromEntries(names.map((name) => [name, ratio(name)])),
      redeliveredPerSecond,
    }),
  );
  await Promise.all(worlds.map((world) => world.database.close()));
} finally {
  await cluster.stop();
}

/** Medians; the worlds take turns, so that all meet the same machine. */
async function measure(
  worlds: readonly LogWorld[],
  rounds: number,
): Promise<Record<Name, number>[]> {
  const times = worlds.map(() => new Map(names.map((name) => [name, [] as number[]])));
  for (let turn = -2; turn < rounds; turn += 1) {
    for (const [index, world] of worlds.entries()) {
      for (const name of names) {
        const startedAt = performance.now();
        await questions[name](world);
        if (turn >= 0) times[index]?.get(name)?.push(performance.now() - startedAt);
      }
    }
  }
  return times.map(
    (all) =>
      Object.fromEntries(names.map((name) => [name, median(all.get(name) ?? [])])) as Record<
        Name,
        number
      >,
  );
}

/** Webhooks moved from the log into the queue in a second, in batches of a job's step. */
async function measureRedelivering(world: LogWorld | undefined): Promise<number> {
  if (world === undefined) return Number.NaN;
  const { db } = world.database;
  const { channelId } = world.question;
  const rows = await db.webhook.findMany({
    where: { channelId },
    select: { id: true },
    take: 4_000,
  });
  const startedAt = performance.now();
  for (let from = 0; from < rows.length; from += 40) {
    const ids = rows.slice(from, from + 40).map((row) => row.id);
    await db.$transaction(async (tx) => {
      await moveIntoQueue(tx, channelId, ids);
      await giveTurn(tx, channelId);
    });
  }
  return (rows.length / (performance.now() - startedAt)) * 1_000;
}
