import { monitorEventLoopDelay } from "node:perf_hooks";
import { senderToHere } from "#e2e/front-ends/sender-to-here.ts";
import { verdictOf } from "#e2e/servers/sending.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import { webhook } from "./webhook.ts";

export type LoadOptions = {
  url: string;
  ca: string;
  count: number;
  protocol: "http/1.1" | "h2";
  /** Webhooks under way at the same time. */
  atOnce: number;
  /** Called once, when half of them are done. */
  halfway?: (() => Promise<void> | void) | null;
};

export type LoadResult = {
  delivered: number;
  /** What went wrong, each with its count. */
  errors: Map<string, number>;
  /** Of the connections that were open at the same time. */
  connectionsMax: number;
  seconds: number;
  /** How long this process stood still at worst, in milliseconds. */
  stillMs: number;
};

/** Sends webhooks as a worker does: as many at the same time as it may, the next as soon as one is done. */
export async function sendMany(options: LoadOptions): Promise<LoadResult> {
  const sender = senderToHere(options.ca);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedAt = performance.now();
  const result: LoadResult = {
    delivered: 0,
    errors: new Map(),
    connectionsMax: 0,
    seconds: 0,
    stillMs: 0,
  };
  let begun = 0;
  let done = 0;
  let reloading: Promise<void> | null = null;
  const oneAfterTheOther = async () => {
    while (begun < options.count) {
      begun++;
      const outcome = await sender.send(webhook(options.url));
      done++;
      const isMeant = outcome.protocol === null || outcome.protocol === options.protocol;
      if (outcome.state === "delivered" && isMeant) result.delivered++;
      else {
        const verdict = isMeant ? describe(outcome) : `spoke ${outcome.protocol}`;
        result.errors.set(verdict, (result.errors.get(verdict) ?? 0) + 1);
      }
      result.connectionsMax = Math.max(result.connectionsMax, sender.stats().openConnections);
      if (done === Math.floor(options.count / 2)) reloading = Promise.resolve(options.halfway?.());
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, oneAfterTheOther));
  await reloading;
  result.seconds = (performance.now() - startedAt) / 1_000;
  delay.disable();
  result.stillMs = delay.max / 1e6;
  await sender.close();
  return result;
}

function describe(outcome: DeliveryOutcome): string {
  return outcome.note === null ? verdictOf(outcome) : `${verdictOf(outcome)} (${outcome.note})`;
}
