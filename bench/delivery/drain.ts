import {
  type BenchChannel,
  fillQueue,
  openWorker,
  sampleEvents,
  timeUntilLogged,
} from "#bench/support/world.ts";
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

/** Seconds in which one worker delivers `count` waiting webhooks and has everything recorded. */
export async function drainProduct(
  database: Database,
  sender: Sender,
  channels: readonly BenchChannel[],
  count: number,
): Promise<number> {
  await fillQueue(database, channels, count);
  return drainWaiting(database, sender, count);
}

/** The same over what waits already. */
export async function drainWaiting(
  database: Database,
  sender: Sender,
  count: number,
): Promise<number> {
  let sent = 0;
  const worker = openWorker(database, {
    send: async (request) => {
      const outcome = await sender.send(request);
      sent += 1;
      return outcome;
    },
  });
  const seconds = await timeUntilLogged(database, count, {
    start: worker.start,
    isSent: () => sent >= count,
  });
  await worker.stop();
  return seconds;
}
