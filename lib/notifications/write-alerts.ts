import type { PoolClient } from "pg";
import { v7 as newId } from "uuid";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { nameInMailsLengthMax, toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { readTaken } from "#lib/problems/read-taken.ts";
import { alertBody } from "./alert-body.ts";
import { type AlertKind, alertKinds } from "./alert-kinds.ts";
import { readCauses } from "./read-causes.ts";
import { readCounted } from "./read-counted.ts";
import type { TakenProblem, ToldNotification } from "./schema.ts";
import { takenIn } from "./taken-in.ts";

type Target = { id: string; channelId: string; kind: AlertKind; channelName: string };

/** Which of these channels have an alert target. Index: alert_targets (channel_id). */
export async function findTargeted(
  client: PoolClient,
  channelIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    "select distinct channel_id as id from alert_targets where channel_id = any($1) and kind = any($2)",
    [channelIds, alertKinds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Stores one alert per notification and target of its channel, in the caller's transaction. Index: alert_targets (channel_id). */
export async function writeAlerts(
  client: PoolClient,
  notifications: readonly ToldNotification[],
  { baseUrl, now }: { baseUrl: string; now?: Date },
): Promise<void> {
  if (notifications.length === 0) return;
  const { rows: targets } = await client.query<Target>(
    `select t.id, t.channel_id as "channelId", t.kind, c.name as "channelName"
       from alert_targets t join channels c on c.id = t.channel_id where t.channel_id = any($1)
        and t.kind = any($2)`,
    [[...new Set(notifications.map(({ channelId }) => channelId))], alertKinds],
  );
  const targeted = new Set(targets.map(({ channelId }) => channelId));
  const told = notifications.filter(({ channelId }) => targeted.has(channelId));
  if (told.length === 0) return;
  const causes = await readCauses(client, told);
  const counted = await readCounted(client, told);
  const taken = await readTaken(client, [...targeted]);
  const alerts = told.flatMap((notification) => {
    const likelyCause = causes.get(notification.id) ?? null;
    const isCounted = counted.has(notification.id);
    return targets
      .filter(({ channelId }) => channelId === notification.channelId)
      .map((target) => ({
        ...{ target, notification },
        body: bodyFor(
          target,
          { ...notification, likelyCause, isCounted, taken: takenIn(notification, taken) },
          baseUrl,
        ),
      }));
  });
  await client.query(
    `insert into alerts (id, target_id, channel_id, notification_id, body, created_at, due_at)
     select id, target_id, channel_id, notification_id, body, coalesce($6::timestamptz, now()), coalesce($6::timestamptz, now())
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[]) as a(id, target_id, channel_id, notification_id, body)
     on conflict (notification_id, target_id) do nothing`,
    [
      alerts.map(() => newId()),
      alerts.map(({ target }) => target.id),
      alerts.map(({ target }) => target.channelId),
      alerts.map(({ notification }) => notification.id),
      alerts.map(({ body }) => body),
      now ?? null,
    ],
  );
}

type Explained = ToldNotification & {
  likelyCause: LikelyCause | null;
  isCounted: boolean;
  taken: readonly TakenProblem[];
};

function bodyFor(target: Target, notification: Explained, baseUrl: string): string {
  const channelName = toHeaderSafe(target.channelName, nameInMailsLengthMax);
  return alertBody(target.kind, { ...notification, channelName }, baseUrl);
}
