import { type Batcher, createBatcher } from "#lib/batcher.ts";
import type { JudgedAnswer } from "#lib/delivered-answers/schema.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import type { Delivered } from "#lib/recording/record-delivered.ts";
import type { Failed } from "#lib/recording/record-errors.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";

export type Finished = { webhook: ClaimedWebhook; outcome: DeliveryOutcome };

export type RecorderOptions = {
  /** Once for each delivered attempt, however often its writing is tried. */
  judge: (one: Delivered) => JudgedAnswer;
  recordDelivered: (batch: readonly Delivered[]) => Promise<void>;
  recordErrors: (batch: readonly Failed[]) => Promise<void>;
  endUnsent: (batch: readonly ClaimedWebhook[]) => Promise<void>;
  /** Told of each failed try; `given up`: the batch is left to the leases, and those webhooks are sent again. */
  onFailure: (error: unknown, batch: readonly ClaimedWebhook[], next: RecordRetry) => void;
  /** Writes beside the webhooks why there is no outcome; may fail. */
  noteDefect: (batch: readonly ClaimedWebhook[], error: unknown) => Promise<void>;
  isDatabaseAway: (error: unknown) => boolean;
  sleep: (ms: number) => Promise<void>;
};

export type RecordRetry = "again" | "in halves" | "given up";

export type Recorder = {
  record: (finished: Finished) => Promise<void>;
  unsent: (webhook: ClaimedWebhook) => Promise<void>;
  pending: () => number;
};

const batchMax = 500;
/**
 * Counts are written once per channel and batch, so larger batches write less. Nobody waits for them. Failures gather longer:
 * few come at a time, each batch of them is several statements and a commit, and the healthy channels' commits stand behind it.
 */
const gatherMs = { delivered: 60, failed: 200 };
const retryPauseMs = 500;
/** While the database is away, half a minute: nobody else can claim meanwhile, so waiting spares repeats. */
const triesMaxAway = 60;
/** Of one outcome that the database refuses: enough for a deadlock or a lock timeout to pass. */
const triesMaxRefused = 3;

/**
 * Writes outcomes in batches. While the database is away a batch is tried again; a batch that it refuses is tried in
 * halves, so that one outcome that cannot be written does not take its neighbours with it. What is given up keeps its
 * lease until that ends and is sent once more, marked as redelivery: nothing is lost or counted twice.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const batcherOf = <T>(
    gather: number,
    write: (batch: readonly T[]) => Promise<void>,
    webhookOf: (item: T) => ClaimedWebhook,
  ): Batcher<T, void> =>
    createBatcher({
      sizeMax: batchMax,
      concurrency: 2,
      gatherMs: gather,
      run: async (items) => {
        await persist(items, { write, webhookOf }, options);
        return items.map(() => undefined);
      },
    });
  const delivered = batcherOf(gatherMs.delivered, options.recordDelivered, (one) => one.webhook);
  const failed = batcherOf(gatherMs.failed, options.recordErrors, (one) => one.webhook);
  const unsent = batcherOf(gatherMs.delivered, options.endUnsent, (one) => one);
  return {
    record: ({ webhook, outcome }) =>
      outcome.state === "delivered"
        ? delivered.add({ webhook, outcome, answer: options.judge({ webhook, outcome }) })
        : failed.add({ webhook, outcome }),
    unsent: (webhook) => unsent.add(webhook),
    pending: () => delivered.pending() + failed.pending() + unsent.pending(),
  };
}

type Writing<T> = {
  write: (batch: readonly T[]) => Promise<void>;
  webhookOf: (item: T) => ClaimedWebhook;
};

/** Never rejects. */
async function persist<T>(
  items: readonly T[],
  writing: Writing<T>,
  options: RecorderOptions,
): Promise<void> {
  const webhooks = items.map(writing.webhookOf);
  for (let tries = 1; ; tries += 1) {
    try {
      return await writing.write(items);
    } catch (error) {
      const next = nextTry(items.length, tries, options.isDatabaseAway(error));
      options.onFailure(error, webhooks, next);
      if (next === "in halves") {
        const middle = Math.ceil(items.length / 2);
        await persist(items.slice(0, middle), writing, options);
        return persist(items.slice(middle), writing, options);
      }
      if (next === "given up") return options.noteDefect(webhooks, error).catch(() => undefined);
      await options.sleep(retryPauseMs);
    }
  }
}

function nextTry(size: number, tries: number, isAway: boolean): RecordRetry {
  if (isAway) return tries < triesMaxAway ? "again" : "given up";
  if (size > 1) return "in halves";
  return tries < triesMaxRefused ? "again" : "given up";
}
