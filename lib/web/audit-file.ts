import "server-only";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { type AuditedPlace, auditNotUnderstood, parseAuditSearch } from "#lib/audit/search.ts";
import { exportAudit } from "#lib/audit/stream-audit.ts";
import { env } from "#lib/env.ts";
import { fileHeaders, wallTimeInName } from "#lib/exports/file-headers.ts";
import { parseExportFormat } from "#lib/exports/schema.ts";
import { givenBy, refuseNotUnderstood } from "#lib/not-understood.ts";
import { database, filesDatabase } from "./database.ts";
import { consoleTime } from "./time.ts";

/** The log of a place as a file, by the search of its page. Who asks was looked at before. */
export async function sendAudit(
  request: Request,
  user: SessionUser,
  place: AuditedPlace,
): Promise<Response> {
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const { searchParams } = new URL(request.url);
  const asked = givenBy(searchParams);
  refuseNotUnderstood(auditNotUnderstood(asked));
  const search = parseAuditSearch(asked);
  const format = parseExportFormat(searchParams.get("format"));
  const files = { db: database().db, pool: filesDatabase().pool };
  const { rowCount, stream } = await exportAudit(files, user, {
    ...{ place, search, timeZone, format },
  });
  const name = place.kind === "all" ? "all" : `${place.kind}-${place.id}`;
  const now = wallTimeInName(await consoleTime(), timeZone);
  const headers = fileHeaders(`audit-${name}-${now}`, { zone: timeZone, format, rowCount });
  return new Response(stream, { headers });
}
