import "server-only";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { type AuditedPlace, parseAuditSearch } from "#lib/audit/search.ts";
import { exportAudit } from "#lib/audit/stream-audit.ts";
import { env } from "#lib/env.ts";
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
  const stream = await exportAudit(files, user, { place, search, timeZone });
  const name = place.kind === "all" ? "all" : `${place.kind}-${place.id}`;
  const now = toWallTime(new Date(), timeZone).replaceAll(/[-:]/g, "");
  return new Response(stream, {
    headers: {
      "content-type": "text/tab-separated-values; charset=utf-8",
      "content-disposition": `attachment; filename="audit-${name}-${now}.tsv"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
