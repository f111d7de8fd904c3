import { requireOperator } from "#lib/web/access.ts";
import { sendAudit } from "#lib/web/audit-file.ts";
import { userRoute } from "#lib/web/respond.ts";

export const GET = userRoute("audit_exported", async (request, user) => {
  await requireOperator();
  return sendAudit(request, user, { kind: "all" });
});
