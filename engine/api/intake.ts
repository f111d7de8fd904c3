import type { FastifyBaseLogger } from "fastify";
import type { Pool } from "pg";
import type { AppError } from "#lib/app-error.ts";
import { createBatcher } from "#lib/batcher.ts";
import { acceptFree } from "#lib/intake/accept-free.ts";
import { findCrowdedChannels } from "#lib/intake/find-crowded-channels.ts";
import { inspectQueue } from "#lib/intake/inspect-queue.ts";
import {
  type ChannelTrouble,
  type CrowdedChannels,
  channelTroubles,
  fullFrom,
  type IntakeLimits,
  type IntakeTrouble,
  type ToldTrouble,
} from "#lib/intake/schema.ts";
import { createTroubleTeller } from "#lib/intake/told-trouble.ts";
import { troubleOf } from "#lib/intake/trouble-of.ts";
import { tryStoring } from "#lib/intake/try-storing.ts";
import type { Accepted, IntakeRequest } from "#lib/queue/accept.ts";
import { toUnavailable, troubleRefusal } from "./respond.ts";

export type IntakeDesk = {
  /** Resolves with what became of it, or rejects, in bounded time. */
  add: (request: IntakeRequest) => Promise<Accepted | AppError>;
  /** Why nothing is taken in now, as far as it is known without asking. */
  trouble: () => IntakeTrouble | null;
  /** Of how many channels nothing is taken in, while others' events are. */
  countCrowded: (trouble: ChannelTrouble) => number;
  stop: () => Promise<void>;
};

/** Requests whose events go into one statement. */
const batchMax = 200;
/** Of one process. What waits for the database beyond these is refused at once, so that memory does not grow. */
const intakeBounds = {
  pendingMax: 20_000,
  pendingBytesMax: 64 * 1024 * 1024,
  /** Longer than a connection and a statement take at most (lib/database-uses.ts): then the answer is that nobody knows. */
  patienceMs: 9_000,
};
const watchEveryMs = 2_000;
/** Channels that one line of the log names. */
const namedMax = 10;

/**
 * Takes in events: in batches, in bounded time and memory, and only while there is room. Watches the queue's limits; after a
 * failure it tries by itself whether things go again, because a caller who is sent away, or a load balancer, may not.
 */
export function openIntake(options: {
  pool: Pool;
  limits: IntakeLimits;
  log: FastifyBaseLogger;
  bounds?: Partial<typeof intakeBounds>;
}): IntakeDesk {
  const { pool, limits, log } = options;
  const bounds = { ...intakeBounds, ...options.bounds };
  let queue: IntakeTrouble | null = null;
  let crowded: CrowdedChannels = new Map();
  let failure: IntakeTrouble | null = null;
  let pendingBytes = 0;
  const teller = createTroubleTeller(pool);

  const note = (found: IntakeTrouble | null, of: "queue" | "failure", cause?: unknown): void => {
    const before = of === "queue" ? queue : failure;
    if (of === "queue") queue = found;
    else failure = found;
    if (found === before) return;
    if (found === null) log.info({ was: before }, "events are accepted again");
    // A database that is away is told of by itself, with the error (lib/database-log.ts).
    else if (found === "database_away")
      log.warn({ trouble: found }, "no events are being accepted");
    else log.warn({ trouble: found, err: cause }, "no events are being accepted");
  };

  const countCrowded = (trouble: ChannelTrouble): number =>
    [...crowded.values()].filter((one) => one === trouble).length;

  const noteCrowded = (found: CrowdedChannels): void => {
    const begun = [...found].filter(([id, trouble]) => crowded.get(id) !== trouble);
    if (begun.length > 0) {
      const channels = Object.fromEntries(begun.slice(0, namedMax));
      log.warn({ channels, count: found.size }, "events of some channels are not being accepted");
    } else if (found.size === 0 && crowded.size > 0) {
      log.info("events of all channels are accepted again");
    }
    crowded = found;
  };

  const toTell = (): ToldTrouble[] => {
    const whole = queue ?? failure;
    const some = channelTroubles.filter((trouble) => countCrowded(trouble) > 0);
    return whole === null ? some : [whole, ...some];
  };

  const batcher = createBatcher({
    sizeMax: batchMax,
    concurrency: 2,
    patience: { ms: bounds.patienceMs, refusal: () => troubleRefusal("database_busy") },
    run: async (requests: readonly IntakeRequest[]) => {
      try {
        const results = await acceptFree(pool, requests);
        note(null, "failure");
        return results;
      } catch (error) {
        note(troubleOf(error) ?? failure, "failure", error);
        throw error;
      }
    },
  });

  const watch = async (): Promise<void> => {
    try {
      const figures = await inspectQueue(pool);
      const isLong = figures.webhookCount >= fullFrom(limits.queueMax, queue !== null);
      note(isLong ? "queue_long" : null, "queue");
      noteCrowded(await findCrowdedChannels(pool, figures, limits, crowded));
      await teller.tell(toTell());
      if (failure === null) return;
      await tryStoring(pool);
      note(null, "failure");
      await teller.tell(toTell());
    } catch (error) {
      // What it is not known for, it is not refused for: the next intake finds out.
      const found = troubleOf(error);
      if (failure !== null && found !== null) note(found, "failure", error);
    }
  };
  let watching = watch();
  let isWatching = true;
  const endWatch = (): void => {
    isWatching = false;
  };
  watching.then(endWatch, endWatch);
  const timer = setInterval(() => {
    if (isWatching) return;
    isWatching = true;
    watching = watch().finally(endWatch);
  }, watchEveryMs);

  const sizeOf = (request: IntakeRequest): number =>
    request.events.reduce((sum, event) => sum + event.length, 0);

  return {
    add: async (request) => {
      const refused = queue ?? crowded.get(request.channelId) ?? null;
      if (refused !== null) throw troubleRefusal(refused);
      const bytes = sizeOf(request);
      if (batcher.pending() >= bounds.pendingMax || pendingBytes + bytes > bounds.pendingBytesMax) {
        throw troubleRefusal("database_busy");
      }
      pendingBytes += bytes;
      try {
        return await batcher.add(request);
      } catch (error) {
        throw toUnavailable(error) ?? error;
      } finally {
        pendingBytes -= bytes;
      }
    },
    trouble: () => queue ?? failure,
    countCrowded,
    stop: async () => {
      clearInterval(timer);
      await watching;
      teller.stop();
    },
  };
}
