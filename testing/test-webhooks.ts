import type { Pool } from "pg";
import { AppError } from "#lib/app-error.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { type ClaimedWebhook, type ClaimOptions, claimWebhooks, lanes } from "#lib/queue/claim.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { recordErrors } from "#lib/recording/record-errors.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";

// A webhook's way for tests that send nothing: accepted, claimed, and given an outcome.

/** The ids in the order of acceptance. @throws AppError where one is refused. */
export async function acceptSome(
  pool: Pool,
  channelId: string,
  count = 1,
  event = '{"type":"follow"}',
): Promise<string[]> {
  const request = { channelId, events: [event], idempotencyKey: null };
  const results = await acceptWebhooks(
    pool,
    Array.from({ length: count }, () => request),
  );
  return results.map((result) => {
    if (result instanceof AppError) throw result;
    return result.webhookId;
  });
}

/** One claim of first attempts, of as many channels and webhooks as there are unless told otherwise. */
export const claimSome = (
  pool: Pool,
  overrides: Partial<ClaimOptions> = {},
): Promise<ClaimedWebhook[]> =>
  claimWebhooks(pool, {
    lane: lanes.first,
    turnsMax: 100,
    leaseMs: 20_000,
    excluded: [],
    share: (channelIds) => channelIds.map(() => 1_000),
    doubtfulMax: 1,
    onSetAside: () => undefined,
    ...overrides,
  });

const base = () => ({
  startedAt: new Date(),
  times: { total: 12 },
  note: null,
  seen: { phase: "answer" as const },
  protocol: null,
  remoteAddress: null,
});

export const deliveredOutcome = (): Extract<DeliveryOutcome, { state: "delivered" }> => ({
  ...base(),
  state: "delivered",
  statusCode: 200,
  retryAfterMs: null,
  response: { headers: [], body: Buffer.alloc(0) },
});

export const failedOutcome = (statusCode = 500): Extract<DeliveryOutcome, { state: "error" }> => ({
  ...base(),
  state: "error",
  error: { reason: "error_status_code", detail: `${statusCode}`, statusCode },
  retryAfterMs: null,
  response: { headers: [], body: Buffer.alloc(0) },
});

export const deliverAll = (pool: Pool, webhooks: readonly ClaimedWebhook[]) =>
  recordDelivered(
    pool,
    webhooks.map((webhook) => ({ webhook, outcome: deliveredOutcome() })),
  );

/** `scheduleMs`: when what failed is due again, where Webhook redelivery is on. */
export const failAll = (
  pool: Pool,
  webhooks: readonly ClaimedWebhook[],
  scheduleMs: readonly number[] = [600_000],
) =>
  recordErrors(
    pool,
    webhooks.map((webhook) => ({ webhook, outcome: failedOutcome() })),
    { scheduleMs, notificationWindowMs: 300_000, random: () => 0.5 },
  );
