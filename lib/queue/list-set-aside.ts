import type { Db } from "#lib/db.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import type { SetAsideWebhook } from "./schema.ts";

const listMax = 200;

type Row = {
  id: string;
  channel_id: string;
  channel_name: string | null;
  set_aside_at: Date;
  attempt: number;
  unrecorded_count: number;
  defect: string | null;
  event_count: number;
  body_bytes: number;
};

/** What was set aside, the newest first, at most 200, and how many there are in all; for operators only. */
export async function listSetAside(
  db: Db,
): Promise<{ webhooks: SetAsideWebhook[]; totalCount: number }> {
  // Few rows by their nature: read whole, sizes measured where the bodies are.
  const [rows, totalCount] = await Promise.all([
    db.$queryRaw<Row[]>`
      select w.id, w.channel_id, c.name as channel_name, w.set_aside_at, w.attempt, w.unrecorded_count, w.defect,
             w.event_count, octet_length(w.body) as body_bytes
        from set_aside_webhooks w left join channels c on c.id = w.channel_id
       order by w.set_aside_at desc, w.id desc limit ${listMax}`,
    db.setAsideWebhook.count(),
  ]);
  const webhooks = rows.map((row) => ({
    id: row.id,
    channelId: row.channel_id,
    channelName: row.channel_name,
    acceptedAt: acceptedAtOf(row.id),
    setAsideAt: row.set_aside_at,
    attemptCount: row.attempt,
    unrecordedCount: row.unrecorded_count,
    defect: row.defect,
    eventCount: row.event_count,
    bodyBytes: row.body_bytes,
  }));
  return { webhooks, totalCount };
}
