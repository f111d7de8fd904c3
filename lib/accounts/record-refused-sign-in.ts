import { type Visitor, visitorActor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db } from "#lib/db.ts";
import { countTry, refusedSignInLimits } from "#lib/limits/rate-limit.ts";
import type { SignInMethod } from "./schema.ts";

/**
 * Writes down that somebody was not let in; `user` is whose account it was about, null for nobody's. For unknown addresses
 * too, so that an answer takes as long for them. What was typed is not kept: it may be a password. So many an hour: nothing
 * can be taken out of the log, and anybody can try. The last one says that more were left out.
 */
export async function recordRefusedSignIn(
  db: Db,
  visitor: Visitor,
  refusal: { user: { id: string; name: string } | null; method: SignInMethod; reason: string },
): Promise<void> {
  const { user, ...facts } = refusal;
  const limit = user === null ? refusedSignInLimits.nobody : refusedSignInLimits.account;
  const tries = await countTry(db, limit, user?.id ?? "");
  if (tries > limit.max) return;
  await recordAudit(db, {
    actor: visitorActor(visitor),
    action: "sign_in_refused",
    result: "refused",
    ...(user === null ? {} : { target: { kind: "user", id: user.id, name: user.name } }),
    after: tries === limit.max ? { ...facts, furtherLeftOut: true } : facts,
  });
}
