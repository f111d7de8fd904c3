import "server-only";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { type AuditedPlace, parseAuditSearch } from "#lib/audit/search.ts";
import { exportAudit } from "#lib/audit/stream-audit.ts";
import { env } from "#lib/env.ts";
import { rowCountHeader } from "#lib/row-count-header.ts";
import { toWallTime } from "#lib/time/wall-time.ts";
import { database, filesDatabase } from "./database.ts";

/** The log of a place as a file, by the search of its page. Who asks was looked at before. */
export async function sendAudit(
  request: Request,
  user: SessionUser,
  place: AuditedPlace,
): Promise<Response> {
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const search = parseAuditSearch(Object.fromEntries(new URL(request.url).searchParams));
  const files = { db: database().db, pool: filesDatabase().pool };
  const { rowCount, stream } = await exportAudit(files, user, { scope, search, timeZone });
  const place = scope.kind === "all" ? "all" : `${scope.kind}-${scope.id}`;
  const now = toWallTime(new Date(), timeZone).replaceAll(/[-:]/g, "");
  return new Response(stream, {
    headers: {
      "content-type": "text/tab-separated-values; charset=utf-8",
      "content-disposition": `attachment; filename="audit-${place}-${now}-${rowCount}-rows.tsv"`,
      [rowCountHeader]: String(rowCount),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
