import { randomUUID } from "node:crypto";
import { causeOfOutcome } from "#lib/causes/find-cause.ts";
import type { DeliveryOutcome, VerifyStep } from "./schema.ts";
import type { Sender } from "./sender.ts";

export type VerifyRequest = {
  url: string;
  /** The bot's user id: the webhook's `destination`. */
  destination: string;
  channelSecret: string;
  nextChannelSecret?: string | null;
};

export type VerifyWatch = { onStep?: (step: VerifyStep) => void; signal?: AbortSignal };

/** What came of **Verify**: the outcome as a delivery would have it, and how far it got. Nothing of it is counted. */
export type VerifyReport = { outcome: DeliveryOutcome; steps: readonly VerifyStep[] };

/** The body of a check: a webhook without events (fact sheet 6). */
function verifyBody(destination: string): Buffer {
  return Buffer.from(JSON.stringify({ destination, events: [] }));
}

/**
 * Checks a bot server by the code that delivers, over a connection of its own. Never counted, needs no switch to be on.
 * `onStep` hears of each step as it completes, of a failed one once its cause is known; the report has them all. Ends within 11 s, or rejects when `signal` is
 * aborted; what has not been written by then is not sent.
 */
export async function verifyEndpoint(
  sender: Pick<Sender, "send">,
  { destination, ...request }: VerifyRequest,
  { onStep, signal }: VerifyWatch = {},
): Promise<VerifyReport> {
  const steps: VerifyStep[] = [];
  const tell = (step: VerifyStep) => {
    steps.push(step);
    onStep?.(step);
  };
  const failed: VerifyStep[] = [];
  const body = verifyBody(destination);
  const outcome = await sender.send(
    { ...request, body, webhookId: randomUUID() },
    {
      ...(signal === undefined ? {} : { signal }),
      onStep: (step) => (step.ok ? tell(step) : failed.push(step)),
    },
  );
  const cause = causeOfOutcome(outcome, { url: request.url, requestBytes: body.length }, null);
  for (const step of failed) tell({ ...step, cause });
  return { outcome, steps };
}
