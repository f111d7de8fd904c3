import type { BotServer } from "#bench/support/bot-server.ts";
import { ownCpuMs } from "#bench/support/cpu.ts";
import {
  type Figure,
  figure,
  median,
  medianRatio,
  printTable,
  round,
  spread,
} from "#bench/support/figures.ts";
import { installPeers } from "#bench/support/peers.ts";
import {
  type BenchChannel,
  fillQueue,
  makeChannels,
  openSender,
  type World,
} from "#bench/support/world.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { drainBare, drainWaiting, makeJobs } from "./drain.ts";
import { openPeerLog, type PeerLog } from "./peer-log.ts";
import { bullMq, graphileWorker, type Peer, type PeerJob, pgBoss, toRequest } from "./peers.ts";
import { atMost } from "./wire.ts";

/** Requests on the wire at once, for everybody. */
const wireMax = 256;
const warmCount = 2_000;
const [bareName, ownName] = ["bare client", "Tocsin"];
const sameJob = (name: string) => `${name}, the same record`;

type Contender = {
  name: string;
  /** Seconds of one drain, or why it cannot be run. */
  drain: (count: number) => Promise<number | string>;
};

type Options = { count: number; rounds: number; peers: boolean };

/** Drains of one backlog after the other, the contenders taking turns, and what Tocsin is to each of them. */
export async function measureContenders(world: World, bot: BotServer, options: Options) {
  const { count } = options;
  const sender = openSender();
  const log = options.peers ? await openPeerLog(world.url) : undefined;
  const channels = await makeChannels(world.database, 100, () => `${bot.url}/ok`);
  const own = ownContenders(world, sender, channels);
  let seconds: ReadonlyMap<string, readonly number[]>;
  try {
    const peers = log === undefined ? [] : await peerContenders(world, sender, channels, log);
    seconds = await takeTurns([...own.contenders, ...peers], own.forgetCpu, options);
  } finally {
    await log?.close();
    await sender.close();
  }

  const of = (name: string) => seconds.get(name) ?? [];
  /** How many times as fast as that Tocsin is. */
  const to = (name: string): Figure => figure(medianRatio(of(name), of(ownName)));
  const rates = (name: string) => of(name).map((some) => count / some);
  printTable(
    ["drain of a backlog", "deliveries/s", "lowest to highest", "Tocsin compared"],
    [...seconds.keys()].map((name) => [
      name,
      Math.round(median(rates(name))),
      spread(rates(name)),
      to(name) ?? "",
    ]),
  );
  printTable(
    ["processor time per delivery", "µs", "lowest to highest"],
    Object.entries(own.cpu).map(([name, some]) => [name, round(median(some), 1), spread(some)]),
  );
  return {
    toBareClient: to(bareName),
    toBullmqSameJob: to(sameJob(bullMq.name)),
    toPgBossSameJob: to(sameJob("pg-boss")),
    toGraphileWorkerSameJob: to(sameJob("graphile-worker, local queue")),
    toBullmq: to(bullMq.name),
    toPgBoss: to("pg-boss"),
    toGraphileWorker: to("graphile-worker, local queue"),
  };
}

/** Seconds of each contender's drains, round by round; nobody begins a round twice in a row. */
async function takeTurns(
  contenders: readonly Contender[],
  warmed: () => void,
  { count, rounds }: Options,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const left = new Set(contenders);
  const seconds = new Map<string, number[]>();
  const turn = async (one: Contender, size: number): Promise<void> => {
    if (!left.has(one)) return;
    const result = await one.drain(size);
    if (typeof result === "number") {
      seconds.set(one.name, [...(seconds.get(one.name) ?? []), result]);
      return;
    }
    console.log(`Left out: ${one.name} (${result}).`);
    left.delete(one);
  };
  // Warm: code compiled, connections open, pages in memory.
  for (const one of contenders) await turn(one, Math.min(count, warmCount));
  seconds.clear();
  warmed();
  for (let index = 0; index < rounds; index += 1) {
    const first = index % contenders.length;
    const inTurn = [...contenders.slice(first), ...contenders.slice(0, first)];
    for (const one of inTurn) await turn(one, count);
  }
  return seconds;
}

/** The client alone, and the product's worker in this process; their processor time beside. */
function ownContenders({ database }: World, sender: Sender, channels: readonly BenchChannel[]) {
  const cpu: Record<string, number[]> = {
    [bareName]: [],
    "Tocsin's worker": [],
    "its database": [],
  };
  const note = (name: string, ms: number, count: number) => cpu[name]?.push((ms * 1_000) / count);
  const contenders: Contender[] = [
    {
      name: bareName,
      drain: async (count) => {
        const jobs = makeJobs(channels, count);
        const before = ownCpuMs();
        const seconds = await drainBare(jobs, sender);
        note(bareName, ownCpuMs() - before, count);
        return seconds;
      },
    },
    {
      name: ownName,
      drain: async (count) => {
        await fillQueue(database, channels, count);
        const { seconds, workerMs, databaseMs } = await drainWaiting(database, sender, count);
        note("Tocsin's worker", workerMs, count);
        if (databaseMs !== null) note("its database", databaseMs, count);
        return seconds;
      },
    },
  ];
  return {
    contenders,
    cpu,
    forgetCpu: () => {
      for (const some of Object.values(cpu)) some.length = 0;
    },
  };
}

/** Each peer twice: keeping nothing, and keeping what Tocsin keeps before it acknowledges a job. */
async function peerContenders(
  world: World,
  sender: Sender,
  channels: readonly BenchChannel[],
  log: PeerLog,
): Promise<Contender[]> {
  await installPeers(["bullmq", "ioredis", "pg-boss", "graphile-worker"]);
  const send = atMost(wireMax, (job: PeerJob) => sendSurely(sender, job));
  const peers: Peer[] = [bullMq, pgBoss(world.url), graphileWorker(world.url)];
  return peers.flatMap(({ name, drain }) => [
    {
      name: sameJob(name),
      drain: async (count) => {
        await log.empty();
        const jobs = makeJobs(channels, count);
        const seconds = await drain(jobs, async (job) => log.keep(job, await send(job)));
        if (typeof seconds === "number") await log.check(count);
        return seconds;
      },
    },
    {
      name,
      drain: (count) => drain(makeJobs(channels, count), async (job) => void (await send(job))),
    },
  ]);
}

const triesMax = 10;

/** On a busy machine the bot server may be late: that webhook is sent again at once, as no peer would lose it. */
async function sendSurely(sender: Sender, job: PeerJob): Promise<DeliveryOutcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await sender.send(toRequest(job));
    if (outcome.state === "delivered") return outcome;
    if (tries === triesMax) throw new Error(`not delivered: ${outcome.error.detail}`);
  }
}
