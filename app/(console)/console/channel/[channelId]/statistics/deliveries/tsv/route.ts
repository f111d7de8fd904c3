import { resolveView } from "#app/(console)/console/channel/[channelId]/statistics/deliveries/resolve-view.ts";
import { parseLogFilter } from "#lib/delivery-log/parse-filter.ts";
import { exportDeliveries } from "#lib/delivery-log/stream-deliveries.ts";
import { fileHeaders, wallTimeInName } from "#lib/exports/file-headers.ts";
import { parseExportFormat } from "#lib/exports/schema.ts";
import { givenBy, refuseNotUnderstood } from "#lib/not-understood.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database, filesDatabase } from "#lib/web/database.ts";
import { userRoute } from "#lib/web/respond.ts";

type Context = { params: Promise<{ channelId: string }> };

/** The list as a file: the page's address with `/tsv` behind its path, and `format` for another format. */
export const GET = userRoute<Context>("deliveries_exported", async (request, user, context) => {
  const { channelId } = await context.params;
  await requireChannel(channelId, "see_deliveries");
  const search = new URL(request.url).searchParams;
  const filter = parseLogFilter(givenBy(search));
  refuseNotUnderstood(filter.notUnderstood);
  const format = parseExportFormat(search.get("format"));
  const { question, ascending, timeZone } = await resolveView(channelId, filter, user);
  const files = { db: database().db, pool: filesDatabase().pool };
  const { rowCount, stream } = await exportDeliveries(files, user, {
    ...{ question, ascending, timeZone, format, webhookId: filter.webhookId },
  });
  const [from, to] = [question.from, question.to].map((at) => wallTimeInName(at, timeZone));
  const name = `deliveries-${channelId}-${from}-${to}`;
  return new Response(stream, { headers: fileHeaders(name, { zone: timeZone, format, rowCount }) });
});
