import type { Pool, PoolClient } from "pg";
import { quietUntil } from "#lib/quiet-hours/quiet-until.ts";
import type { QuietHours } from "#lib/quiet-hours/schema.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { type Audience, findRecipients } from "./find-recipients.ts";
import type { NotificationPolicy, NotificationType } from "./schema.ts";

type Telling = { type: NotificationType; isUrgent: boolean };
type Reader = { quietHours: QuietHours | null };

/** A notice for one address: what may be held. */
type Holdable = Telling & { id: string; channelId: string; key: string };

/** What is held is looked at again after so long, whatever it waits for: zones, hours and roles may have changed since. */
const lookAgainMs = 600_000;

/** Until when quiet hours hold what a reader is told; null: they do not. Test emails come when they are asked for. */
export function heldUntil(
  { type, isUrgent }: Telling,
  { quietHours }: Reader,
  policy: NotificationPolicy,
  at: Date,
): Date | null {
  if (quietHours === null || type === "test") return null;
  if (isUrgent && quietHours.outagesCome) return null;
  return quietUntil(quietHours, policy.displayTimeZone, at);
}

/** When the quiet hours end in which errors are held for a reader now; null: they are not. */
export const quietEnd = (reader: Reader, policy: NotificationPolicy, now: Date): Date | null =>
  heldUntil({ type: "error_detected", isUrgent: false }, reader, policy, now);

/** Which of these notices quiet hours hold now, and until when, by id. */
export function findHeld(
  notices: readonly Holdable[],
  audiences: ReadonlyMap<string, Audience>,
  policy: NotificationPolicy,
  now: Date,
): Map<string, Date> {
  const held = new Map<string, Date>();
  for (const notice of notices) {
    const audience = audiences.get(notice.channelId);
    const reader = audience?.recipients.find(({ key }) => key === notice.key);
    const until = reader === undefined ? null : heldUntil(notice, reader, policy, now);
    if (until !== null) held.set(notice.id, until);
  }
  return held;
}

/**
 * SQL: whether quiet hours hold a notice now, as the writer last saw them, at most ten minutes ago. Whoever names their end asks
 * `quietEnd` of what this or `wasHeldSql` finds.
 */
export const isHeldSql = (notice: string): string =>
  `${notice}.told_at is null and coalesce(${notice}.look_again_at > now(), false)`;

/** SQL: whether a notice that waits was held at some time; it comes in one digest with the others. */
export const wasHeldSql = (notice: string): string =>
  `${notice}.told_at is null and ${notice}.look_again_at is not null`;

/**
 * Has what is held passed over until its quiet hours end, or for ten minutes: a change that was made at the same moment is seen
 * then. Whatever was held once comes in one digest afterwards.
 */
export async function hold(
  client: PoolClient,
  held: ReadonlyMap<string, Date>,
  now: Date,
): Promise<void> {
  if (held.size === 0) return;
  await client.query(
    `update notices n set look_again_at = h.at from unnest($1::uuid[], $2::timestamptz[]) as h(id, at) where n.id = h.id`,
    [
      [...held.keys()],
      [...held.values()].map(
        (until) => new Date(Math.min(until.getTime(), now.getTime() + lookAgainMs)),
      ),
    ],
  );
}

/** When the quiet hours end that a channel's recipients are in now, by address (see addressKey); others are absent. */
export async function readQuietEnds(
  client: Pick<Pool, "query">,
  channelId: string,
  policy: NotificationPolicy,
): Promise<Map<string, Date>> {
  const now = await poolTime(client);
  const audience = (await findRecipients(client, [channelId])).get(channelId);
  return new Map(
    (audience?.recipients ?? []).flatMap((reader): [string, Date][] => {
      const until = quietEnd(reader, policy, now);
      return until === null ? [] : [[reader.key, until]];
    }),
  );
}
