import { findIcon } from "#lib/channels/icon.ts";
import { requireChannelInList } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { userRoute } from "#lib/web/respond.ts";

type Context = { params: Promise<{ channelId: string }> };

/** Kept by the browser, but asked for each time: who has lost the role sees it no more. */
export const GET = userRoute<Context>(null, async (request, user, context) => {
  const channelId = await requireChannelInList((await context.params).channelId, user);
  const icon = await findIcon(database().db, channelId);
  if (icon === null)
    return new Response(null, { status: 404, headers: { "cache-control": "no-store" } });
  const headers = {
    etag: `"${icon.hash}"`,
    "cache-control": "private, no-cache",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
  };
  if (request.headers.get("if-none-match") === headers.etag) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(icon.png, { headers: { ...headers, "content-type": "image/png" } });
});
