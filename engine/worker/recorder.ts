import { type Batcher, createBatcher } from "#lib/batcher.ts";
import type { ClaimedWebhook } from "#lib/deliveries/claim.ts";
import type { Delivered } from "#lib/deliveries/record-delivered.ts";
import type { Failed } from "#lib/deliveries/record-errors.ts";
import type { DeliveryOutcome } from "#lib/deliveries/schema.ts";

export type Finished = { webhook: ClaimedWebhook; outcome: DeliveryOutcome };

export type RecorderOptions = {
  recordDelivered: (batch: readonly Delivered[]) => Promise<void>;
  recordErrors: (batch: readonly Failed[]) => Promise<void>;
  endUnsent: (batch: readonly ClaimedWebhook[]) => Promise<void>;
  onFailure: (error: unknown, size: number, willRetry: boolean) => void;
  sleep: (ms: number) => Promise<void>;
  /** How often a batch is tried before it is left to the leases: then others send those webhooks again. */
  triesMax: number;
};

export type Recorder = {
  record: (finished: Finished) => Promise<void>;
  unsent: (webhook: ClaimedWebhook) => Promise<void>;
  pending: () => number;
};

const batchMax = 500;
const retryPauseMs = 500;

/**
 * Writes outcomes in batches. While the database is away a batch is tried again for some seconds; after that the
 * webhooks' leases run out and they are sent once more, marked as redelivery: nothing is lost or counted twice.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const batcherOf = <T>(run: (batch: readonly T[]) => Promise<void>): Batcher<T, void> =>
    createBatcher({
      sizeMax: batchMax,
      concurrency: 2,
      run: async (items) => {
        await persist(() => run(items), items.length, options);
        return items.map(() => undefined);
      },
    });
  const delivered = batcherOf(options.recordDelivered);
  const failed = batcherOf(options.recordErrors);
  const unsent = batcherOf(options.endUnsent);
  return {
    record: ({ webhook, outcome }) =>
      outcome.state === "delivered"
        ? delivered.add({ webhook, outcome })
        : failed.add({ webhook, outcome }),
    unsent: (webhook) => unsent.add(webhook),
    pending: () => delivered.pending() + failed.pending() + unsent.pending(),
  };
}

async function persist(
  run: () => Promise<void>,
  size: number,
  options: RecorderOptions,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      const willRetry = tries < options.triesMax;
      options.onFailure(error, size, willRetry);
      if (!willRetry) return;
      await options.sleep(retryPauseMs);
    }
  }
}
