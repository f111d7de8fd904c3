import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { type CountedFile, streamCounted } from "#lib/copy-stream.ts";
import type { Database } from "#lib/db.ts";
import { settleListed } from "#lib/exports/copy-listed.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { exportLimit, takeTry } from "#lib/limits/rate-limit.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { notificationColumns } from "./file-columns.ts";

/**
 * Lets a person take out what a channel's people were told, newest first; that is an entry of the audit log. Streamed as
 * `streamCopies` says. Index: notifications (channel_id, closed_at).
 * @throws AppError rate_limited
 */
export async function exportNotifications(
  { db, pool }: Pick<Database, "db" | "pool">,
  actor: Extract<Actor, { kind: "user" }>,
  { channelId, timeZone, format }: { channelId: string; timeZone: string; format: ExportFormat },
): Promise<CountedFile> {
  await takeTry(db, exportLimit, actor.id);
  await recordAudit(db, {
    ...{ actor, channelId, action: "notifications_exported" },
    after: { format },
  });
  const listed = {
    table: "notifications",
    asked: Prisma.sql`channel_id = ${channelId}`,
    keys: [
      { column: "closed_at", type: "timestamptz" },
      { column: "id", type: "uuid" },
    ],
  } as const;
  const file = { format, columns: notificationColumns(timeZone) };
  return streamCounted(pool, (connection) => settleListed(connection, listed, file), {
    reader: actor.id,
  });
}
