import type { Actor } from "#lib/audit/actor.ts";
import type { Db } from "#lib/db.ts";
import { endSetAside, releaseSetAside } from "./set-aside.ts";

/** An operator's word on a webhook that was set aside, recorded with it. @throws as releaseSetAside. */
export async function decideSetAside(
  db: Db,
  actor: Actor,
  webhookId: string,
  decision: "release" | "end",
): Promise<void> {
  const found = await db.setAsideWebhook.findUnique({
    where: { id: webhookId },
    select: { channelId: true },
  });
  await (decision === "release" ? releaseSetAside : endSetAside)(db, webhookId, {
    actor,
    action: decision === "release" ? "set_aside_released" : "set_aside_ended",
    ...(found === null ? {} : { channelId: found.channelId }),
    target: { kind: "webhook", id: webhookId },
  });
}
