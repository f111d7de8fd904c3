import { requireProvider } from "#lib/web/access.ts";
import { sendAudit } from "#lib/web/audit-file.ts";
import { userRoute } from "#lib/web/respond.ts";

type Context = { params: Promise<{ providerId: string }> };

export const GET = userRoute<Context>("audit_exported", async (request, user, context) => {
  const { provider } = await requireProvider((await context.params).providerId, "see_audit");
  return sendAudit(request, user, { kind: "provider", id: provider.id });
});
