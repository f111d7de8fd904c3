import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db } from "#lib/db.ts";
import { findAnswer } from "./find-answer.ts";

/** As `findAnswer`, for the person who takes it out: that is written down before. */
export async function takeAnswer(
  db: Db,
  actor: Actor,
  channelId: string,
  { webhookId, attempt }: { webhookId: string; attempt: number },
): Promise<Uint8Array<ArrayBuffer> | null> {
  const body = await findAnswer(db, channelId, { webhookId, attempt });
  if (body === null) return null;
  const target = { kind: "webhook" as const, id: webhookId };
  await recordAudit(db, {
    actor,
    action: "answer_downloaded",
    channelId,
    target,
    after: { attempt },
  });
  return body;
}
