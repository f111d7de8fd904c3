import { randomInt } from "node:crypto";
import { v7 } from "uuid";
import { Prisma } from "#prisma/generated/client.ts";

let lastMs = 0;
let lastSequence = 0;
/** Half of the sequence's range is left for counting on within a millisecond. */
const sequenceStartMax = 0x7fffffff;

/**
 * A new webhook id: UUIDv7, whose first 48 bits are the time in milliseconds at which the webhook was accepted. Ids that
 * one process makes within a millisecond ascend, so that ids order what one call brought in.
 */
export function newWebhookId(acceptedAt: Date): string {
  const ms = acceptedAt.getTime();
  lastSequence = ms === lastMs ? lastSequence + 1 : randomInt(sequenceStartMax);
  lastMs = ms;
  return v7({ msecs: ms, seq: lastSequence });
}

/** When the webhook was accepted: the partition key of its log row. */
export function acceptedAtOf(webhookId: string): Date {
  return new Date(Number.parseInt(webhookId.replaceAll("-", "").slice(0, 12), 16));
}

/** The same in SQL, over a column `id` (plain arithmetic, because uuid_extract_timestamp came with PostgreSQL 17). */
export const acceptedAtSql = Prisma.sql`to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)`;
