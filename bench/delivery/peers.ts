import pg from "pg";
import { loadPeer, startRedis } from "#bench/support/peers.ts";
import type { DeliveryRequest } from "#lib/transport/schema.ts";

/** A job as the peers store it: everything that the request needs, as a platform without Tocsin would put it there. */
export type PeerJob = {
  channelId: string;
  url: string;
  body: string;
  channelSecret: string;
  webhookId: string;
};

/** Everything that is to be done before a job is acknowledged. */
export type Deliver = (job: PeerJob) => Promise<void>;

/** Stores the jobs, then drains them. Seconds of the drain alone, or why it could not be run. */
export type Peer = {
  name: string;
  drain: (jobs: readonly PeerJob[], deliver: Deliver) => Promise<number | string>;
};

/** Jobs in hand: those on the wire, and as many whose record is being written. */
const concurrency = 512;

export const toRequest = ({ url, body, channelSecret, webhookId }: PeerJob): DeliveryRequest => ({
  url,
  body: Buffer.from(body),
  channelSecret,
  webhookId,
});

/** Counts deliveries and resolves at the last one. */
function countdown(total: number, deliver: Deliver): { handle: Deliver; finished: Promise<void> } {
  let left = total;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((settle) => {
    finish = settle;
  });
  return {
    finished,
    handle: async (job) => {
      await deliver(job);
      left -= 1;
      if (left === 0) finish();
    },
  };
}

const secondsSince = (start: number): number => (performance.now() - start) / 1_000;

/** A delivery counts as done, for a peer as for the product, when its store says so: some write that lazily. */
async function untilRecorded(left: () => Promise<number>): Promise<void> {
  while ((await left()) > 0) await new Promise((wake) => setTimeout(wake, 10));
}

async function countRows(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(sql);
  return Number(rows[0]?.count ?? 0);
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

type BullMq = {
  Queue: new (
    name: string,
    options: object,
  ) => {
    addBulk: (jobs: { name: string; data: PeerJob; opts: object }[]) => Promise<unknown>;
    getJobCountByTypes: (...types: string[]) => Promise<number>;
    close: () => Promise<void>;
  };
  Worker: new (
    name: string,
    handle: (job: { data: PeerJob }) => Promise<void>,
    options: object,
  ) => { close: () => Promise<void>; waitUntilReady: () => Promise<unknown> };
};

export const bullMq: Peer = {
  name: "BullMQ on Redis",
  drain: async (jobs, deliver) => {
    const redis = await startRedis();
    if (redis === undefined) return "no redis-server on this machine";
    const { Queue, Worker } = await loadPeer<BullMq>("bullmq");
    const connection = { host: "127.0.0.1", port: redis.port };
    const queue = new Queue("webhooks", { connection });
    for (let from = 0; from < jobs.length; from += 1_000) {
      await queue.addBulk(
        jobs
          .slice(from, from + 1_000)
          .map((data) => ({ name: "deliver", data, opts: { removeOnComplete: true } })),
      );
    }
    const { handle, finished } = countdown(jobs.length, deliver);
    const start = performance.now();
    const worker = new Worker("webhooks", (job) => handle(job.data), { connection, concurrency });
    await finished;
    await untilRecorded(() => queue.getJobCountByTypes("wait", "active"));
    const seconds = secondsSince(start);
    await worker.close();
    await queue.close();
    await redis.stop();
    return seconds;
  },
};

type PgBossModule = {
  default: new (
    options: object,
  ) => {
    on: (event: "error", listener: (error: Error) => void) => void;
    start: () => Promise<unknown>;
    stop: (options: object) => Promise<void>;
    createQueue: (name: string) => Promise<void>;
    insert: (jobs: { name: string; data: PeerJob }[]) => Promise<void>;
    fetch: (name: string, options: object) => Promise<{ id: string; data: PeerJob }[]>;
    complete: (name: string, ids: string[]) => Promise<unknown>;
  };
};

/**
 * Fetched and completed by its own calls, in a loop, instead of by `work`, which waits between two batches. Each fetch looks at
 * all that waits, so batches are large; while one loop waits for the database, the other sends.
 */
const bossBatch = 1_000;
const bossLoops = 2;

export const pgBoss = (url: string): Peer => ({
  name: "pg-boss",
  drain: async (jobs, deliver) => {
    const { default: PgBoss } = await loadPeer<PgBossModule>("pg-boss");
    const schema = `boss_${Date.now()}`;
    const boss = new PgBoss({ connectionString: url, max: 12, schema });
    boss.on("error", (error) => console.error(error));
    await boss.start();
    await boss.createQueue("webhooks");
    for (let from = 0; from < jobs.length; from += 1_000) {
      await boss.insert(jobs.slice(from, from + 1_000).map((data) => ({ name: "webhooks", data })));
    }
    const loop = async (): Promise<void> => {
      for (;;) {
        const batch = await boss.fetch("webhooks", { batchSize: bossBatch, priority: false });
        if (batch.length === 0) return;
        await Promise.all(batch.map((job) => deliver(job.data)));
        await boss.complete(
          "webhooks",
          batch.map((job) => job.id),
        );
      }
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: bossLoops }, loop));
    const seconds = secondsSince(start);
    await boss.stop({ graceful: false, wait: true });
    await query(url, `drop schema ${schema} cascade`);
    return seconds;
  },
});

type GraphileWorker = {
  run: (options: object) => Promise<{ stop: () => Promise<void> }>;
  runMigrations: (options: object) => Promise<void>;
};

export const graphileWorker = (url: string): Peer => ({
  name: "graphile-worker, local queue",
  drain: async (jobs, deliver) => {
    const { run, runMigrations } = await loadPeer<GraphileWorker>("graphile-worker");
    const logger = {
      scope: () => logger,
      error: console.error,
      warn: quiet,
      info: quiet,
      debug: quiet,
    };
    await runMigrations({ connectionString: url, logger });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (let from = 0; from < jobs.length; from += 1_000) {
      await client.query(
        `select graphile_worker.add_job('deliver', payload := job) from unnest($1::json[]) as new (job)`,
        [jobs.slice(from, from + 1_000).map((job) => JSON.stringify(job))],
      );
    }
    const { handle, finished } = countdown(jobs.length, deliver);
    const start = performance.now();
    const runner = await run({
      connectionString: url,
      logger,
      noHandleSignals: true,
      taskList: { deliver: (job: PeerJob) => handle(job) },
      preset: {
        worker: {
          concurrentJobs: concurrency,
          maxPoolSize: 12,
          pollInterval: 100,
          localQueue: { size: 2 * concurrency },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
    });
    await finished;
    await untilRecorded(() =>
      countRows(client, "select count(*) from graphile_worker._private_jobs"),
    );
    const seconds = secondsSince(start);
    await client.end();
    await runner.stop();
    return seconds;
  },
});

const quiet = (): void => undefined;
