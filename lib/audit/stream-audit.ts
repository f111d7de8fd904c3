import type { Pool } from "pg";
import type { CopyConnection } from "#lib/copy-connection.ts";
import { type CountedFile, type SettledFile, streamCounted } from "#lib/copy-stream.ts";
import type { Database } from "#lib/db.ts";
import { settleListed } from "#lib/exports/copy-listed.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { exportLimit, takeTry } from "#lib/limits/rate-limit.ts";
import type { Actor } from "./actor.ts";
import { auditColumns } from "./file-columns.ts";
import { entriesAsked } from "./queries.ts";
import { recordAudit } from "./record-audit.ts";
import type { AuditedPlace, AuditSearch } from "./search.ts";

type Wanted = {
  place: AuditedPlace;
  search: AuditSearch;
  timeZone: string;
  format: ExportFormat;
};

/**
 * Lets a person take a log out; that is an entry itself. As streamAudit.
 * @throws AppError rate_limited
 */
export async function exportAudit(
  { db, pool }: Pick<Database, "db" | "pool">,
  actor: Extract<Actor, { kind: "user" }>,
  wanted: Wanted,
): Promise<CountedFile> {
  const { place, search, format } = wanted;
  await takeTry(db, exportLimit, actor.id);
  await recordAudit(db, {
    actor,
    action: "audit_exported",
    ...(place.kind === "channel" ? { channelId: place.id } : {}),
    ...(place.kind === "provider" ? { providerId: place.id } : {}),
    after: {
      format,
      ...Object.fromEntries(Object.entries(search).filter(([, value]) => value !== null)),
    },
  });
  return streamAudit(pool, actor.id, wanted);
}

/**
 * A log as a file, streamed as `streamCopies` says, newest first, in the viewer's zone with its offset: the entries that were
 * there when it was begun, each once. No cell holds a tab, a line end or another control, and none is a formula for a
 * spreadsheet.
 */
function streamAudit(pool: Pool, reader: string, wanted: Wanted): Promise<CountedFile> {
  return streamCounted(pool, (connection) => settleEntries(connection, wanted), { reader });
}

/** By id, which carries the order and never changes; an entry is never changed either, so that their count is exact. */
function settleEntries(
  connection: CopyConnection,
  { place, search, timeZone, format }: Wanted,
): Promise<SettledFile> {
  const asked = entriesAsked(place, { ...search, before: null }, timeZone);
  const keys = [{ column: "id", type: "bigint" }] as const;
  const file = { format, columns: auditColumns(timeZone) };
  return settleListed(connection, { table: "audit_entries", asked, keys }, file);
}
