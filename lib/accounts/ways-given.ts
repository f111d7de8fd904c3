import type { Db } from "#lib/db.ts";
import type { EndedAccess, GivenAccess } from "./schema.ts";

/** Of each kind; who has more has them under Operations, the channels and the audit log. */
const listMax = 100;

/**
 * Ends the invitations of a person that nobody has taken up: they have no sender any more, so that they are of no use until
 * somebody who may invite there sends them again (standing-invitations.ts), and do not come back with the right. In a
 * transaction that holds the person: an acceptance holds the sender before it uses an invitation up. Index: invitations
 * (invited_by_id).
 */
export async function endInvitations(tx: Db, userId: string): Promise<EndedAccess[]> {
  const detail = await listInvited(tx, userId);
  await tx.$executeRaw`
    update invitations set invited_by_id = null
     where invited_by_id = ${userId}::uuid and accepted_at is null and cancelled_at is null`;
  return detail.length === 0 ? [] : [{ what: "invitations", detail }];
}

/**
 * What a person has given to others or to programs and is good now. At most 100 of a kind. It does not know roles that were
 * given or taken up: these stand on the pages of their places, and in the audit log.
 */
export async function listGiven(tx: Db, userId: string): Promise<GivenAccess[]> {
  const given: GivenAccess[] = [
    { what: "invitations", detail: await listInvited(tx, userId) },
    { what: "channel_tokens", detail: await listTokens(tx, userId) },
    { what: "platform_keys", detail: await listKeys(tx, userId) },
  ];
  return given.filter(({ detail }) => detail.length > 0);
}

/** The addresses, as often as they are invited. */
async function listInvited(tx: Db, userId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select email as name from invitations
     where invited_by_id = ${userId}::uuid and accepted_at is null and cancelled_at is null and expires_at > now()
     order by sent_at desc, id desc limit ${listMax}`;
  return rows.map(({ name }) => name);
}

/** The channels. Index: channel_tokens (issued_by_id). */
async function listTokens(tx: Db, userId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select c.name from channel_tokens t join channels c on c.id = t.channel_id
     where t.issued_by_id = ${userId}::uuid and (t.ends_at is null or t.ends_at > clock_timestamp())
     order by t.created_at desc, t.id desc limit ${listMax}`;
  return rows.map(({ name }) => name);
}

/** Index: platform_keys (created_by_id). */
async function listKeys(tx: Db, userId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select name from platform_keys where created_by_id = ${userId}::uuid and revoked_at is null
     order by created_at desc, id desc limit ${listMax}`;
  return rows.map(({ name }) => name);
}
