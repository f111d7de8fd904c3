import { env } from "#lib/env.ts";
import { fileHeaders, wallTimeInName } from "#lib/exports/file-headers.ts";
import { parseExportFormat } from "#lib/exports/schema.ts";
import { exportNotifications } from "#lib/notifications/stream-notifications.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database, filesDatabase } from "#lib/web/database.ts";
import { userRoute } from "#lib/web/respond.ts";
import { consoleTime } from "#lib/web/time.ts";

type Context = { params: Promise<{ channelId: string }> };

/** The history of notifications as a file; `format` for another format. */
export const GET = userRoute<Context>("notifications_exported", async (request, user, context) => {
  const { channelId } = await context.params;
  await requireChannel(channelId, "manage_notifications");
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const format = parseExportFormat(new URL(request.url).searchParams.get("format"));
  const files = { db: database().db, pool: filesDatabase().pool };
  const { rowCount, stream } = await exportNotifications(files, user, {
    ...{ channelId, timeZone, format },
  });
  const name = `notifications-${channelId}-${wallTimeInName(await consoleTime(), timeZone)}`;
  return new Response(stream, { headers: fileHeaders(name, { zone: timeZone, format, rowCount }) });
});
