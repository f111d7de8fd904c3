import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { endSetAside, releaseSetAside } from "./set-aside.ts";

/**
 * An operator's word on a webhook that was set aside, recorded with it. It is recorded first: releasing locks the turn of the
 * channel, which intake needs, until the commit that comes next. @throws as releaseSetAside.
 */
export async function decideSetAside(
  db: TransactionalDb,
  actor: Actor,
  webhookId: string,
  decision: "release" | "end",
): Promise<void> {
  await db.$transaction(async (tx) => {
    const found = await tx.setAsideWebhook.findUnique({
      where: { id: webhookId },
      select: { channelId: true },
    });
    await recordAudit(tx, {
      actor,
      action: decision === "release" ? "set_aside_released" : "set_aside_ended",
      ...(found === null ? {} : { channelId: found.channelId }),
      target: { kind: "webhook", id: webhookId },
    });
    await (decision === "release" ? releaseSetAside : endSetAside)(tx, webhookId);
  });
}
