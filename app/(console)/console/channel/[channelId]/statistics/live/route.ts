import { AppError } from "#lib/app-error.ts";
import { isLiveTopic } from "#lib/live/schema.ts";
import { liveHeaders, streamLive } from "#lib/live/stream.ts";
import { requireChannel } from "#lib/web/access.ts";
import { liveHub } from "#lib/web/live.ts";
import { currentLocale } from "#lib/web/locale.ts";
import { refuseLive } from "#lib/web/refuse-early.ts";
import { userRoute } from "#lib/web/respond.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";

type Context = { params: Promise<{ channelId: string }> };

/**
 * Tells an open page when to look again: `?topic=errors` or `?topic=deliveries`, as server-sent events. Of many who come at
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
  await requireChannel(channelId, "see_errors");
  const topic = new URL(request.url).searchParams.get("topic");
  const session = await readSessionId();
  if (!isLiveTopic(topic) || session === null) {
    throw new AppError("invalid", "topic must be errors or deliveries.");
  }
  const viewer = { sessionId: session, userId: user.id, channelId, topic };
  return new Response(streamLive(liveHub(), viewer), { headers: liveHeaders });
});
