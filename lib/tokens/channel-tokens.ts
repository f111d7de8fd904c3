import { randomBytes } from "node:crypto";
import { requireProof } from "#lib/accounts/recent-proof.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import type { ChannelToken } from "./schema.ts";
import { hashToken } from "./token-hash.ts";

/** `tct_` and six more characters: enough to tell tokens apart, far from enough to guess one. */
const hintLength = 10;

/**
 * Issues a long-lived channel access token of 256 random bits, one in force per channel (docs/platform.md#tokens). The one before ends
 * at once, and with it whatever was kept earlier, or is kept for `keepHours` (0 to 24). The returned token is its only copy.
 * @throws AppError as requireChannelRight and requireProof.
 */
export async function issueChannelToken(
  db: TransactionalDb,
  actor: Actor,
  { channelId, keepHours }: { channelId: string; keepHours: number },
): Promise<string> {
  const token = `tct_${randomBytes(32).toString("base64url")}`;
  await db.$transaction(async (tx) => {
    await lockChannel(tx, actor, channelId);
    await requireProof(tx, actor);
    const replaced = await endTokens(tx, channelId, keepHours);
    await tx.channelToken.create({
      data: {
        ...{ channelId, tokenHash: hashToken(token), hint: token.slice(0, hintLength) },
        issuedById: actor.kind === "user" ? actor.id : null,
      },
      select: { id: true },
    });
    const after = replaced === 0 ? {} : { oldTokenKeptHours: keepHours };
    await recordAudit(tx, { actor, action: "channel_token_issued", channelId, after });
  });
  return token;
}

/**
 * Ends every access token of the channel: whoever uses one is refused from the next request on.
 * @throws AppError not_found when there is none; as requireChannelRight.
 */
export async function revokeChannelTokens(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await lockChannel(tx, actor, channelId);
    if ((await endTokens(tx, channelId, 0)) === 0)
      throw new AppError("not_found", "There is no valid access token.", {
        key: "no_channel_token",
      });
    await recordAudit(tx, { actor, action: "channel_token_revoked", channelId });
  });
}

/** Those in force, the newest first. */
export function listChannelTokens(db: Db, channelId: string): Promise<ChannelToken[]> {
  return db.$queryRaw<ChannelToken[]>`
    select id, hint, created_at as "createdAt", ends_at as "endsAt", last_used_at as "lastUsedAt"
      from channel_tokens
     where channel_id = ${channelId} and (ends_at is null or ends_at > clock_timestamp())
     order by ends_at desc nulls first, id desc`;
}

/** One after the other: of two issues at once the second replaces the first's. */
async function lockChannel(tx: Db, actor: Actor, channelId: string): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from channels where id = ${channelId} for no key update`;
  if (rows.length === 0) throw new AppError("not_found", "The channel no longer exists.");
  await requireChannelRight(tx, actor, channelId, "manage_messaging_api");
}

/** How many were in force and end now, or in `keepHours`; those that have ended already are forgotten. */
async function endTokens(tx: Db, channelId: string, keepHours: number): Promise<number> {
  await tx.$executeRaw`
    delete from channel_tokens where channel_id = ${channelId} and ends_at <= clock_timestamp()`;
  if (keepHours === 0)
    return tx.$executeRaw`delete from channel_tokens where channel_id = ${channelId}`;
  return tx.$executeRaw`
    update channel_tokens set ends_at = clock_timestamp() + make_interval(hours => ${keepHours}::int)
     where channel_id = ${channelId} and ends_at is null`;
}
