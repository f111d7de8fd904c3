import type { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import { countTry, type Limit } from "#lib/limits/rate-limit.ts";
import type { AuditAction } from "./actions.ts";
import type { Actor } from "./actor.ts";
import { type AuditEntry, recordAudit } from "./record-audit.ts";
import type { AskedPlace } from "./tried-action.ts";

/** Refused tries of one person or key that are written down; the last says that more were left out. */
export const refusalLimit = {
  name: "audit:refused",
  max: 30,
  windowMs: 3_600_000,
} as const satisfies Limit;

type Refusal = {
  actor: Extract<Actor, { id: string }>;
  action: AuditAction;
  asked: AskedPlace;
  /** A key of `errors` in the message catalogue, or the code of a refusal. */
  reason: string;
};

/**
 * Writes down that somebody tried something and was refused: in the log of the place where that exists, else in the
 * operators' alone, with the id that was asked for. Protects the table, which nothing can be taken out of, from a person
 * or key who hammers; not from many accounts that do so together.
 */
export async function recordRefusal(
  db: Db,
  { actor, action, asked, reason }: Refusal,
): Promise<void> {
  const tries = await countTry(db, refusalLimit, `${actor.kind}:${actor.id}`);
  if (tries > refusalLimit.max) return;
  const { place, unknownId } = await findPlace(db, asked);
  const after: NonNullable<AuditEntry["after"]> = { reason };
  if (unknownId !== null) after.unknownId = unknownId;
  if (tries === refusalLimit.max) after.furtherLeftOut = true;
  await recordAudit(db, { actor, action, result: "refused", ...place, after });
}

/** Why something was refused, for the log; null for what is nobody's doing. */
export function reasonOf({ code, key }: AppError): string | null {
  return code === "unavailable" ? null : (key ?? code);
}

/** Ids are short words; anything else is what somebody made up, and is not kept. */
const idPattern = /^[\w-]{1,64}$/;

async function findPlace(
  db: Db,
  { channelId, providerId }: AskedPlace,
): Promise<{ place: AskedPlace; unknownId: string | null }> {
  const id = channelId ?? providerId;
  if (id === undefined || !idPattern.test(id)) return { place: {}, unknownId: null };
  const question = { where: { id }, select: { id: true } };
  if (channelId !== undefined) {
    const isThere = (await db.channel.findUnique(question)) !== null;
    return isThere ? { place: { channelId }, unknownId: null } : { place: {}, unknownId: id };
  }
  const isThere = (await db.provider.findUnique(question)) !== null;
  return isThere ? { place: { providerId: id }, unknownId: null } : { place: {}, unknownId: id };
}
