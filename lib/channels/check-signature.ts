import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db } from "#lib/db.ts";
import { diagnoseSignature, isRight } from "#lib/webhooks/diagnose-signature.ts";
import { revealSecrets } from "./issue-secret.ts";
import type { CheckedSignature } from "./schema.ts";

/**
 * Tells an Admin what is wrong with a signature, by the channel's secrets, which it does not show. The audit log says who asked.
 * @throws AppError not_found as revealSecrets.
 */
export async function checkSignature(
  db: Db,
  encryptionKey: Buffer,
  actor: Actor,
  { channelId, body, signature }: { channelId: string; body: string; signature: string },
): Promise<CheckedSignature> {
  const { current, next } = await revealSecrets(db, encryptionKey, channelId);
  const secrets = { secret: current, nextSecret: next?.secret ?? null };
  const reading = diagnoseSignature({ channelId, body, signature, ...secrets });
  const checked = { isRight: reading !== null && isRight(reading), reading };
  const after = { right: checked.isRight };
  await recordAudit(db, { actor, action: "signature_checked", channelId, after });
  return checked;
}
