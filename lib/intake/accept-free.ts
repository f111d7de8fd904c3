import type { Pool } from "pg";
import { AppError } from "#lib/app-error.ts";
import { isDatabaseBusy } from "#lib/database-away.ts";
import { type Accepted, acceptWebhooks, type IntakeRequest } from "#lib/queue/accept.ts";
import { lanes } from "#lib/queue/claim.ts";

/**
 * As `acceptWebhooks`; when a lock is in the way it is asked whose, and only those channels' webhooks are refused
 * (`unavailable`), not their neighbours' in the batch. Ends within the limits of the pool's statements, four of them.
 */
export async function acceptFree(
  pool: Pool,
  requests: readonly IntakeRequest[],
): Promise<(Accepted | AppError)[]> {
  try {
    return await acceptWebhooks(pool, requests);
  } catch (error) {
    if (!isDatabaseBusy(error)) throw error;
    const held = await listHeld(pool, [...new Set(requests.map((one) => one.channelId))]);
    if (held.size === 0) throw error;
    const free = requests.filter((one) => !held.has(one.channelId));
    const results = (free.length === 0 ? [] : await acceptWebhooks(pool, free)).values();
    return requests.map((one) =>
      held.has(one.channelId) ? isHeld(error) : (results.next().value ?? isHeld(error)),
    );
  }
}

/** The channels whose turn somebody holds. Index: the primary key of ready_channels. */
async function listHeld(pool: Pool, channelIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ channel_id: string }>(
    `with free as (
       select channel_id from ready_channels where lane = $1 and channel_id = any($2) for update skip locked
     )
     select channel_id from ready_channels
      where lane = $1 and channel_id = any($2) and channel_id not in (select channel_id from free)`,
    [lanes.first, channelIds.filter((id) => !id.includes("\0"))],
  );
  return new Set(rows.map((row) => row.channel_id));
}

const isHeld = (cause: unknown): AppError =>
  new AppError(
    "unavailable",
    "This channel's queue is locked right now, so nothing was accepted: send it again.",
    { cause },
  );
