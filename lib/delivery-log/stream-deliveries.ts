import { stringify } from "uuid";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { CopyConnection } from "#lib/copy-connection.ts";
import { type CountedFile, type SettledFile, streamCounted } from "#lib/copy-stream.ts";
import type { Database } from "#lib/db.ts";
import { copyLines, headLine, selectLines } from "#lib/exports/copy-lines.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { exportLimit, takeTry } from "#lib/limits/rate-limit.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { auditedQuestion } from "./audited-question.ts";
import { deliveryColumns } from "./file-columns.ts";
import { isByEvent, scanSlice } from "./scan.ts";
import type { LogQuestion } from "./schema.ts";

export type DeliveriesFile = {
  question: LogQuestion;
  /** Only this webhook. Null: all that match. */
  webhookId: string | null;
  ascending: boolean;
  timeZone: string;
  format: ExportFormat;
};

/** Webhooks that a file holds and that are looked at for it, at most; where bodies are read, fewer. */
const limits = { rows: 500_000, looks: 2_000_000, opened: 200_000 };
/** Webhooks of one statement. */
const sizes = { look: 5_000, opened: 500, read: 2_000 };

/**
 * Lets a person take out the webhooks that a list shows; that is an entry of the audit log. Streamed as `streamCopies` says. Which
 * webhooks they are is settled before the first is read, so that their count is exact; each is told as it is when its part is read,
 * wherever it has moved meanwhile. Fewer come only where retention ends them in between.
 * @throws AppError rate_limited; too_large when the file would be longer, or take more looking, than is allowed.
 */
export async function exportDeliveries(
  { db, pool }: Pick<Database, "db" | "pool">,
  actor: Extract<Actor, { kind: "user" }>,
  wanted: DeliveriesFile,
  { rows, looks, opened } = limits,
): Promise<CountedFile> {
  const { question, webhookId } = wanted;
  const { channelId } = question;
  await takeTry(db, exportLimit, actor.id);
  await recordAudit(db, {
    ...{ actor, channelId, action: "deliveries_exported" },
    after: {
      format: wanted.format,
      ...auditedQuestion(question),
      ...(webhookId === null ? {} : { webhookIds: [webhookId] }),
    },
  });
  const bounds = { rows, looks: isByEvent(question) ? opened : looks };
  return streamCounted(pool, (connection) => settle(connection, wanted, bounds), {
    reader: actor.id,
  });
}

async function settle(
  connection: CopyConnection,
  wanted: DeliveriesFile,
  bounds: { rows: number; looks: number },
): Promise<SettledFile> {
  const { question, webhookId, ascending } = wanted;
  const size = Math.min(bounds.looks, isByEvent(question) ? sizes.opened : sizes.look);
  const found: Buffer[] = [];
  let rowCount = 0;
  let after: string | null = null;
  for (let left = bounds.looks; ; left -= size) {
    if (left <= 0) throw tooLong();
    const slice = await scanSlice(
      connection,
      question,
      { after, ascending },
      { size, reads: "matches" },
    );
    const ids = slice.webhooks
      .map((one) => one.id)
      .filter((id) => webhookId === null || id === webhookId);
    found.push(Buffer.from(ids.join("").replaceAll("-", ""), "hex"));
    rowCount += ids.length;
    if (rowCount > bounds.rows) throw tooLong();
    after = slice.end;
    if (after === null) break;
  }
  return { rowCount, pieces: readParts(connection, wanted, Buffer.concat(found)) };
}

const tooLong = (): AppError =>
  new AppError("too_large", "The file would be too long: choose a shorter range or more filters.", {
    key: "deliveries_file_long",
  });

/** Half a million ids as texts would take 50 MB. */
const idBytes = 16;

async function* readParts(
  connection: CopyConnection,
  { question: { channelId }, timeZone, format }: DeliveriesFile,
  ids: Buffer,
): AsyncGenerator<Uint8Array, void, undefined> {
  const columns = deliveryColumns(timeZone);
  yield headLine(
    format,
    columns.map(({ head }) => head),
  );
  for (let at = 0; at < ids.length; at += sizes.read * idBytes) {
    const part = Math.min(sizes.read, (ids.length - at) / idBytes);
    const asked = Array.from({ length: part }, (_, index) =>
      stringify(ids.subarray(at + index * idBytes, at + (index + 1) * idBytes)),
    );
    const rows = listedSql(channelId, asked);
    yield (await copyLines(connection, format, selectLines(format, columns, rows))).bytes;
  }
}

/** Webhooks in the order asked for, wherever they are. Indexes: the primary keys, a probe each. */
function listedSql(channelId: string, ids: readonly string[]): Prisma.Sql {
  const times = ids.map((id) => acceptedAtOf(id).toISOString());
  return Prisma.sql`
    from unnest(string_to_array(${ids.join()}, ',')::uuid[], string_to_array(${times.join()}, ',')::timestamptz[])
         with ordinality as asked (id, accepted_at, place)
   cross join lateral (
      select state::text as state, attempts, event_count, finished_at, null::timestamptz as due_at, status_code,
             (phases->>'headers')::float8 as answer_ms, reason::text as reason, detail, likely_cause, doubt
        from webhooks one
       where one.channel_id = ${channelId} and one.accepted_at = asked.accepted_at and one.id = asked.id
      union all
      select case when lease is not null and lease_until > now() then 'sending' else 'waiting' end, attempt, event_count, null,
             due_at, null, null, null, null, null, null
        from webhook_queue one where one.channel_id = ${channelId} and one.id = asked.id
      union all
      select 'set_aside', attempt, event_count, null, null, null, null, null, null, null, null
        from set_aside_webhooks one where one.channel_id = ${channelId} and one.id = asked.id) w
   order by asked.place`;
}
