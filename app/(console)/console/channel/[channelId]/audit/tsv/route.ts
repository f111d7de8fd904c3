import { requireChannel } from "#lib/web/access.ts";
import { sendAudit } from "#lib/web/audit-file.ts";
import { userRoute } from "#lib/web/respond.ts";

type Context = { params: Promise<{ channelId: string }> };

export const GET = userRoute<Context>("audit_exported", async (request, user, context) => {
  const { channel } = await requireChannel((await context.params).channelId, "see_audit");
  return sendAudit(request, user, { kind: "channel", id: channel.id });
});
