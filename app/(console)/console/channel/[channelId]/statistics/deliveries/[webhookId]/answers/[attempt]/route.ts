import { isWebhookId } from "#lib/delivery-log/parse-filter.ts";
import { takeAnswer } from "#lib/delivery-log/take-answer.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { deny } from "#lib/web/deny.ts";
import { userRoute } from "#lib/web/respond.ts";

type Context = { params: Promise<{ channelId: string; webhookId: string; attempt: string }> };

/** What a bot server answered to an attempt, byte by byte: a file to keep, never a page to be shown. */
export const GET = userRoute<Context>("answer_downloaded", async (_request, user, context) => {
  const { channelId, webhookId, attempt } = await context.params;
  const { channel } = await requireChannel(channelId, "see_deliveries");
  if (!isWebhookId(webhookId) || !/^\d{1,9}$/.test(attempt)) deny();
  const named = { webhookId, attempt: Number(attempt) };
  const body = await takeAnswer(database().db, user, channel.id, named);
  if (body === null) deny();
  return new Response(body, {
    headers: {
      "content-type": "application/octet-stream",
      // Without it a file that breaks off behind a proxy looks whole.
      "content-length": String(body.byteLength),
      "content-disposition": `attachment; filename="answer-${webhookId}-${named.attempt}.bin"`,
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
});
