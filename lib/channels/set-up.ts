import type { Pool } from "pg";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Database, Db, TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { readMailStanding } from "#lib/notifications/read-standing.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import type { Channel, SetUpLine } from "./schema.ts";
import { switchNames } from "./switches.ts";

type Asked = Pick<
  Channel,
  "id" | "webhookUrl" | "isEmailVerified" | "showsSetUp" | (typeof switchNames)[number]
>;

/**
 * What of a channel's setting up is done, and what is next, in order; null: somebody took the list away. Asks only while the list
 * stands.
 */
export async function readSetUp(
  { db, pool }: Pick<Database, "db"> & { pool: Pool },
  channel: Asked,
  policy: NotificationPolicy,
): Promise<SetUpLine[] | null> {
  if (!channel.showsSetUp) return null;
  const { id, webhookUrl, useWebhook } = channel;
  const [known, { barrier }] = await Promise.all([
    readKnown(db, id),
    readMailStanding(pool, id, policy),
  ]);
  const isVerified = webhookUrl !== null && known.verifiedUrl === webhookUrl;
  return [
    { step: "url", state: webhookUrl === null ? "todo" : "done" },
    { step: "verify", state: isVerified ? "done" : webhookUrl === null ? "noUrl" : "todo" },
    ...switchNames.map((step) => ({ step, state: channel[step] ? "done" : "todo" }) as const),
    { step: "firstEvent", state: firstEventState(known, useWebhook) },
    { step: "told", state: barrier?.why ?? (channel.isEmailVerified ? "done" : "unconfirmed") },
  ];
}

type Known = { verifiedUrl: string | null; wasDelivered: boolean; wasTried: boolean };

function firstEventState(
  { wasDelivered, wasTried }: Known,
  useWebhook: boolean,
): Extract<SetUpLine, { step: "firstEvent" }>["state"] {
  if (wasDelivered) return "done";
  if (!useWebhook) return "off";
  return wasTried ? "failing" : "todo";
}

/**
 * Whether a webhook was ever delivered: counted while aggregation was on, known of a bot server that recovered, or among the newest
 * thousand of the log. Neither Verify nor a sample event is any of these. Indexes: the primary keys of delivered_hours and
 * endpoint_health, webhooks (channel_id, accepted_at, id).
 */
async function readKnown(db: Db, channelId: string): Promise<Known> {
  const [row] = await db.$queryRaw<Known[]>`
    with newest as materialized (
      select state, attempts from webhooks where channel_id = ${channelId} order by accepted_at desc, id desc limit 1000
    )
    select c.verified_url as "verifiedUrl",
           exists (select from delivered_hours d where d.channel_id = c.id and d.delivered_count > 0)
             or exists (select from endpoint_health e where e.channel_id = c.id and e.recovered_at is not null)
             or exists (select from newest where state = 'delivered') as "wasDelivered",
           exists (select from newest where attempts > 0)
             or exists (select from endpoint_health e where e.channel_id = c.id) as "wasTried"
      from channels c where c.id = ${channelId}`;
  return row ?? { verifiedUrl: null, wasDelivered: false, wasTried: false };
}

/** Takes the list away for everybody; nothing happens where it is gone. @throws AppError as requireChannelRight. */
export async function dismissSetUp(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "manage_messaging_api");
    const where = { id: channelId, showsSetUp: true };
    const { count } = await tx.channel.updateMany({ where, data: { showsSetUp: false } });
    if (count > 0) await recordAudit(tx, { actor, action: "set_up_dismissed", channelId });
  });
}
