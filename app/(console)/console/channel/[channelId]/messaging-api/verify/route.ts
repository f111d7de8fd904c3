import { getTranslations } from "next-intl/server";
import { AppError } from "#lib/app-error.ts";
import { VerifyForm } from "#lib/channels/schema.ts";
import { streamVerify } from "#lib/channels/stream-verify.ts";
import { sampleEventTypes } from "#lib/verify/schema.ts";
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

/** Verify, or a sample event (`?sample=`), step by step. A check calls the bot server and uses up a try, so it is a POST. */
export const POST = userRoute<Context>("webhook_verified", async (request, user, context) => {
  const { channelId } = await context.params;
  const { channel } = await requireChannel(channelId, "manage_messaging_api");
  const sample = VerifyForm.shape.sample.safeParse(new URL(request.url).searchParams.get("sample"));
  if (!sample.success) {
    throw new AppError("invalid", `sample is one of ${sampleEventTypes.join(", ")}.`);
  }
  const [verify, t] = await Promise.all([
    prepareCheck(user, channel, sample.data),
    getTranslations("errors"),
  ]);
  const describeDefect = (error: unknown) =>
    t("defect", { reference: logDefect(error, "a check failed") });
  return new Response(streamVerify(verify, { signal: request.signal, describeDefect }), {
    headers,
  });
});
