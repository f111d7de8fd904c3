import { holdActor, noRight } from "#lib/accounts/hold-actor.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import type { Db } from "#lib/db.ts";
import {
  type ChannelRight,
  can,
  canInProvider,
  type ProviderRight,
  type ProviderStanding,
} from "./permissions.ts";
import type { ChannelRole, ProviderRole } from "./schema.ts";

type Person = Extract<Actor, { kind: "user" }>;

/**
 * Asks for the right to a change inside its transaction, where pages and actions asked before it: a change that waited
 * behind a lock is refused when the right was taken meanwhile. The place is held first and then the role, as changes of
 * roles lock them, so that the answer stays true until the transaction ends and nobody waits in a circle. Who is about to
 * change the place's own row locks it before.
 * @throws AppError not_found; forbidden; unauthenticated when the session that asks has ended.
 */
export async function requireChannelRight(
  tx: Db,
  actor: Actor,
  channelId: string,
  right: ChannelRight,
): Promise<void> {
  const rows = await tx.$queryRaw<
    unknown[]
  >`select 1 from channels where id = ${channelId} for share`;
  if (rows.length === 0) throw new AppError("not_found", "The channel no longer exists.");
  if (actor.kind !== "user") return requireProgram(tx, actor, channelId);
  const role = await holdChannelRole(tx, actor, channelId);
  if (role === null || !can(role, right)) throw noRight();
}

/** As requireChannelRight. */
export async function requireProviderRight(
  tx: Db,
  actor: Actor,
  providerId: string,
  right: ProviderRight,
): Promise<void> {
  const rows = await tx.$queryRaw<
    unknown[]
  >`select 1 from providers where id = ${providerId} for share`;
  if (rows.length === 0) throw new AppError("not_found", "The provider no longer exists.");
  if (actor.kind !== "user") return requireProgram(tx, actor, null);
  if (!canInProvider(await holdStanding(tx, actor, providerId), right)) throw noRight();
}

async function holdChannelRole(
  tx: Db,
  actor: Person,
  channelId: string,
): Promise<ChannelRole | null> {
  const [row] = await tx.$queryRaw<{ role: ChannelRole }[]>`
    select role::text as role from channel_members
     where channel_id = ${channelId} and user_id = ${actor.id}::uuid for share`;
  await holdActor(tx, actor);
  return row?.role ?? null;
}

async function holdStanding(tx: Db, actor: Person, providerId: string): Promise<ProviderStanding> {
  const [row] = await tx.$queryRaw<{ role: ProviderRole }[]>`
    select role::text as role from provider_members
     where provider_id = ${providerId} and user_id = ${actor.id}::uuid for share`;
  const { isOperator } = await holdActor(tx, actor);
  return isOperator ? "operator" : (row?.role ?? "none");
}

/**
 * Programs have no role: a platform key reaches every place for as long as it is not revoked, an access token its own
 * channel while one is in force, and whoever runs a command on the machine could change the database itself.
 */
async function requireProgram(
  tx: Db,
  actor: Exclude<Actor, Person>,
  channelId: string | null,
): Promise<void> {
  switch (actor.kind) {
    case "command":
      return;
    case "platform_key": {
      const where = { id: actor.id, revokedAt: null };
      if ((await tx.platformKey.count({ where })) === 0) throw noRight();
      return;
    }
    case "channel_token": {
      if (actor.id !== channelId || !(await hasToken(tx, channelId))) throw noRight();
      return;
    }
    case "visitor":
      throw noRight();
  }
}

async function hasToken(tx: Db, channelId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from channel_tokens
     where channel_id = ${channelId} and (ends_at is null or ends_at > clock_timestamp()) limit 1`;
  return rows.length > 0;
}
