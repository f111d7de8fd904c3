import { AppError } from "#lib/app-error.ts";
import { figuresMake, isLiveTopic } from "#lib/live/schema.ts";
import { liveHeaders, streamLive } from "#lib/live/stream.ts";
import type { LiveView } from "#lib/live/view.ts";
import { requireChannel } from "#lib/web/access.ts";
import { liveHub } from "#lib/web/live.ts";
import { currentLocale } from "#lib/web/locale.ts";
import { refuseLive } from "#lib/web/refuse-early.ts";
import { userRoute } from "#lib/web/respond.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";
import { parseErrorFilter } from "#lib/webhook-errors/parse-filter.ts";

type Context = { params: Promise<{ channelId: string }> };

/**
 * Tells an open page when to look again: `?topic=errors` or `?topic=deliveries`, as server-sent events. With `figures=` and
 * the address of a view of Errors it sends what that view shows instead. Of many who come at
 * once by one session, only as many as may look are asked about in the database.
 */
export async function GET(request: Request, context: Context): Promise<Response> {
  const session = await readSessionId();
  if (session === null) return open(request, context);
  const leave = liveHub().knock(session);
  if (leave === null) return refuseLive(await currentLocale());
  try {
    return await open(request, context);
  } finally {
    leave();
  }
}

const open = userRoute<Context>(null, async (request, user, context) => {
  const { channelId } = await context.params;
  const { role } = await requireChannel(channelId, "see_errors");
  const { searchParams: search } = new URL(request.url);
  const topic = search.get("topic");
  const session = await readSessionId();
  if (!isLiveTopic(topic) || session === null) {
    throw new AppError("invalid", "topic must be errors or deliveries.");
  }
  const view = topic === "errors" && search.get("figures") === figuresMake ? viewIn(search) : null;
  const viewer = { sessionId: session, userId: user.id, channelId, topic, role, view };
  return new Response(streamLive(liveHub(), viewer), { headers: liveHeaders });
});

function viewIn(search: URLSearchParams): LiveView {
  const { topic: _topic, figures: _figures, ...given } = Object.fromEntries(search);
  const { notUnderstood: _, ...filter } = parseErrorFilter(given);
  return { filter, timeZone: filter.zone ?? "UTC" };
}
