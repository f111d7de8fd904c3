import { getTranslations } from "next-intl/server";
import { streamVerify } from "#lib/channels/stream-verify.ts";
import { requireChannel } from "#lib/web/access.ts";
import { logDefect } from "#lib/web/log.ts";
import { userRoute } from "#lib/web/respond.ts";
import { prepareCheck } from "#lib/web/targets.ts";

type Context = { params: Promise<{ channelId: string }> };

// Neither a cache, nor a compressor, nor a proxy may hold steps back.
const headers = {
  "content-type": "application/x-ndjson; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/** Verify, step by step. A check calls the bot server and uses up a try, so it is a POST. */
export const POST = userRoute<Context>("webhook_verified", async (request, user, context) => {
  const { channelId } = await context.params;
  const { channel } = await requireChannel(channelId, "manage_messaging_api");
  const [verify, t] = await Promise.all([prepareCheck(user, channel), getTranslations("errors")]);
  const describeDefect = (error: unknown) =>
    t("defect", { reference: logDefect(error, "a check failed") });
  return new Response(streamVerify(verify, { signal: request.signal, describeDefect }), {
    headers,
  });
});
