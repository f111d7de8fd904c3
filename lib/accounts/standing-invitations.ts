import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { SignUpMode } from "./schema.ts";

/**
 * Whether the sender `s` of an invitation `i` may still invite to where it leads: an Admin of the channel; an Admin of the
 * provider, or an operator; to the console alone an operator. Nobody who is disabled or gone. An acceptance asks the same
 * with locks (lib/invitations/accept.ts); a test holds both to one table.
 */
const senderMayInvite = Prisma.sql`
  s.disabled_at is null and case
    when i.channel_id is not null then exists (
      select from channel_members m where m.channel_id = i.channel_id and m.user_id = s.id and m.role = 'admin')
    when i.provider_id is not null then s.is_operator or exists (
      select from provider_members m where m.provider_id = i.provider_id and m.user_id = s.id and m.role = 'admin')
    else s.is_operator end`;

/** Those of the invitations, by id, whose sender may still invite. By the primary keys. */
export async function findStanding(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    select i.id::text as id from invitations i join users s on s.id = i.invited_by_id
     where i.id = any(${[...ids]}::uuid[]) and ${senderMayInvite}`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * Whether an invitation in force makes an account for an address: where operators alone make accounts, one of an
 * operator. Index: invitations (email).
 */
export async function isInvited(db: Db, email: string, mode: SignUpMode): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    select 1 from invitations i join users s on s.id = i.invited_by_id
     where i.email = ${email} and i.accepted_at is null and i.cancelled_at is null and i.expires_at > now()
       and (${mode} <> 'operator' or s.is_operator) and ${senderMayInvite}
     limit 1`;
  return rows.length > 0;
}
