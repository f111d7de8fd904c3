import { randomUUID } from "node:crypto";
import { causeOfOutcome } from "#lib/causes/find-cause.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { readHead } from "#lib/delivered-answers/answer-head.ts";
import { doubtOf } from "#lib/delivered-answers/doubt-of.ts";
import type { Doubt } from "#lib/delivered-answers/schema.ts";
import type { DeliveryOutcome, WireStep } from "#lib/transport/schema.ts";
import type { Sender } from "#lib/transport/sender.ts";
import type { VerifyStep } from "./schema.ts";

export type VerifyRequest = {
  url: string;
  /** The bot's user id: the webhook's `destination`. */
  destination: string;
  channelSecret: string;
  nextChannelSecret?: string | null;
  /** None, unless a sample is to be sent. */
  events?: readonly Record<string, unknown>[];
};

export type VerifyWatch = { onStep?: (step: VerifyStep) => void; signal?: AbortSignal };

/** What came of **Verify**: the outcome as a delivery would have it, and how far it got. Nothing of it is counted. */
export type VerifyReport = { outcome: DeliveryOutcome; steps: readonly VerifyStep[] };

/**
 * Checks a bot server by the code that delivers, over a connection of its own. Never counted, needs no switch to be on.
 * `onStep` hears of each step as it completes, of the last one when the attempt is over; the report has
 * them all. Ends within 14 s, or rejects when `signal` is aborted; what has not been written by then is not sent.
 */
export async function verifyEndpoint(
  sender: Pick<Sender, "send">,
  { destination, events = [], ...request }: VerifyRequest,
  { onStep, signal }: VerifyWatch = {},
): Promise<VerifyReport> {
  const steps: VerifyStep[] = [];
  const tell = (step: VerifyStep) => {
    steps.push(step);
    onStep?.(step);
  };
  // The last step is over with the attempt: it is told when the whole of it can be looked at. A request that went out once
  // more, over another connection, passes through the same steps again.
  const held: WireStep[] = [];
  // A check is a webhook without events (docs/platform.md#checks-and-settings).
  const body = Buffer.from(JSON.stringify({ destination, events }));
  const outcome = await sender.send(
    { ...request, body, webhookId: randomUUID() },
    {
      ...(signal === undefined ? {} : { signal }),
      onStep: (step) => {
        if (!step.ok || step.step === "http") held.push(step);
        else if (!steps.some((told) => told.step === step.step)) tell(judged(step, null, null));
      },
    },
  );
  const last = held.at(-1);
  if (last !== undefined) {
    const cause = causeOfOutcome(outcome, { url: request.url, requestBytes: body.length }, null);
    tell(judged(last, cause, doubtAbout(outcome)));
  }
  return { outcome, steps };
}

function judged(step: WireStep, cause: LikelyCause | null, doubt: Doubt | null): VerifyStep {
  const explained = { cause: step.ok ? null : cause };
  if (step.step !== "http") return { ...step, ...explained };
  return { ...step, ...explained, doubt: step.ok ? doubt : null };
}

function doubtAbout(outcome: DeliveryOutcome): Doubt | null {
  if (outcome.state !== "delivered") return null;
  const { statusCode, response } = outcome;
  return doubtOf({ statusCode, ...response }, readHead(response.headers), null);
}
