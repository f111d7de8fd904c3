import { recordAudit } from "#lib/audit/record-audit.ts";
import { env } from "#lib/env.ts";
import { parseExportFormat } from "#lib/exports/schema.ts";
import { exportLimit, takeTry } from "#lib/limits/rate-limit.ts";
import { givenBy, refuseNotUnderstood } from "#lib/not-understood.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database, filesDatabase } from "#lib/web/database.ts";
import { userRoute } from "#lib/web/respond.ts";
import { consoleTime } from "#lib/web/time.ts";
import { auditedErrors } from "#lib/webhook-errors/audited-question.ts";
import { exportHeaders } from "#lib/webhook-errors/export-headers.ts";
import { parseErrorFilter } from "#lib/webhook-errors/parse-filter.ts";
import { resolveRange } from "#lib/webhook-errors/range.ts";
import { streamErrors } from "#lib/webhook-errors/stream-errors.ts";

type Context = { params: Promise<{ channelId: string }> };

/** The list as a file: the page's address with `/tsv` behind its path, and `format` for another format. */
export const GET = userRoute<Context>("errors_exported", async (request, user, context) => {
  const { channelId } = await context.params;
  await requireChannel(channelId, "see_errors");
  const search = new URL(request.url).searchParams;
  const filter = parseErrorFilter(givenBy(search));
  refuseNotUnderstood(filter.notUnderstood);
  const zone = filter.zone ?? canonicalZone(user.timeZone ?? env().displayTimeZone) ?? "UTC";
  const format = parseExportFormat(search.get("format"));
  const range = resolveRange(filter.range, await consoleTime(), {
    retentionDays: env().retentionDays.rows,
    timeZone: zone,
  });
  const question = { ...filter, channelId, from: range.from, to: range.to };
  const { sort, order } = filter;
  await takeTry(database().db, exportLimit, user.id);
  await recordAudit(database().db, {
    actor: user,
    action: "errors_exported",
    channelId,
    after: { format, ...auditedErrors(question) },
  });
  const { rowCount, stream } = await streamErrors(
    filesDatabase().pool,
    { question, zone, sort, order, format },
    { reader: user.id },
  );
  return new Response(stream, { headers: exportHeaders(question, zone, { format, rowCount }) });
});
