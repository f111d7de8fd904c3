import { databaseCpuMs, ownCpuMs } from "#bench/support/cpu.ts";
import { type BenchChannel, openWorker, sampleEvents } from "#bench/support/world.ts";
import type { Database } from "#lib/db.ts";
import { composeBody } from "#lib/queue/events.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { type PeerJob, toRequest } from "./peers.ts";

/** Signed requests like those that the product sends, without any store. */
export function makeJobs(channels: readonly BenchChannel[], count: number): PeerJob[] {
  const now = new Date();
  return Array.from({ length: count }, (_, index) => {
    const channel = channels[index % channels.length];
    if (channel === undefined) throw new Error("no channel");
    return {
      channelId: channel.id,
      url: channel.url,
      channelSecret: channel.secret,
      webhookId: newWebhookId(now),
      body: composeBody(
        `U${"0".repeat(32)}`,
        sampleEvents(index).map((event) => JSON.stringify(event)),
        now,
      ),
    };
  });
}

/** Seconds in which the client alone sends the jobs, 256 at once: what no store can beat. */
export async function drainBare(jobs: readonly PeerJob[], sender: Sender): Promise<number> {
  let next = 0;
  const start = performance.now();
  const one = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++])
      await sender.send(toRequest(job));
  };
  await Promise.all(Array.from({ length: 256 }, one));
  return (performance.now() - start) / 1_000;
}

export type Drained = {
  seconds: number;
  /** What was in the log at the end; a little more than was asked for where more waits. */
  delivered: number;
  /** Processor time of this process: the worker with its HTTP client. */
  workerMs: number;
  /** Null where the system does not tell. */
  databaseMs: number | null;
};

/** One worker delivers `count` of the webhooks that wait and has everything recorded. */
export async function drainWaiting(
  database: Database,
  sender: Sender,
  count: number,
): Promise<Drained> {
  const { pool } = database;
  const databaseBefore = await databaseCpuMs(pool);
  const [ownBefore, since] = [ownCpuMs(), performance.now()];
  const { delivered, stop } = await runWorker(database, sender, count);
  const [seconds, workerMs] = [(performance.now() - since) / 1_000, ownCpuMs() - ownBefore];
  const databaseNow = await databaseCpuMs(pool);
  await stop();
  const isTold = databaseBefore !== null && databaseNow !== null;
  return { seconds, delivered, workerMs, databaseMs: isTold ? databaseNow - databaseBefore : null };
}

/** A worker that has delivered and recorded `count` of the webhooks that wait, or a little more, and goes on until `stop`. */
export async function runWorker(
  database: Database,
  sender: Sender,
  count: number,
): Promise<{ delivered: number; stop: () => Promise<void> }> {
  const logged = async (): Promise<number> =>
    Number((await database.pool.query("select count(*) from webhooks")).rows[0].count);
  const before = await logged();
  let sent = 0;
  const worker = openWorker(database, {
    send: async (request) => {
      const outcome = await sender.send(request);
      sent += 1;
      return outcome;
    },
  });
  worker.start();
  let delivered = 0;
  // The log is asked only when all have left: counting rows costs the database as much as recording some, and the peers are
  // asked no earlier either.
  while (delivered < count) {
    await new Promise((wake) => setTimeout(wake, 5));
    if (sent >= count) delivered = (await logged()) - before;
  }
  return { delivered, stop: worker.stop };
}
