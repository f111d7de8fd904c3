import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit, recordAudits } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import type { NamedPlace } from "#lib/place.ts";
import { tellSecurityChange } from "./addressee.ts";
import { confirmPerson, holdConfirmed, type Proof } from "./confirm-person.ts";
import type { PostAccountMail } from "./mail.ts";
import { isOnlyOperator, lockOperators } from "./only-operator.ts";

/** The providers and channels whose only Admin the person is, by name; Admins who are disabled are none. */
export async function listSolePlaces(db: Db, userId: string): Promise<NamedPlace[]> {
  return db.$queryRaw<NamedPlace[]>`
    select 'provider' as kind, p.id, p.name
      from providers p join provider_members m on m.provider_id = p.id and m.user_id = ${userId}::uuid and m.role = 'admin'
     where not exists (select from provider_members o join users u on u.id = o.user_id and u.disabled_at is null
                        where o.provider_id = p.id and o.role = 'admin' and o.user_id <> m.user_id)
     union all
    select 'channel', c.id, c.name
      from channels c join channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid and m.role = 'admin'
     where not exists (select from channel_members o join users u on u.id = o.user_id and u.disabled_at is null
                        where o.channel_id = c.id and o.role = 'admin' and o.user_id <> m.user_id)
     order by 1 desc, 3, 2`;
}

/**
 * Deletes a person's own account with everything that is theirs alone; roles go, mails and audit entries stay. Changes of
 * roles and of operators wait meanwhile, so that of two Admins who leave at once one is told to stay.
 * `confirmation` is the own address, typed by who has no password.
 * @throws AppError as confirmPerson and holdConfirmed; invalid, at the field `confirmation`; conflict, naming the places, while the person is sole Admin anywhere or the only operator.
 */
export async function deleteAccount(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Extract<Actor, { kind: "user" }>,
  proof: Proof & { confirmation: string },
): Promise<void> {
  const confirmed = await confirmPerson(db, actor.id, proof);
  await requireTypedAddress(db, actor.id, proof.confirmation);
  await db.$transaction(async (tx) => {
    await lockPlacesOf(tx, actor.id);
    // After the places and before the person, as disabling an account locks them.
    await lockOperators(tx);
    await holdConfirmed(tx, actor, proof, confirmed);
    const places = await listSolePlaces(tx, actor.id);
    if (places.length > 0) throw soleAdmin(places);
    if (await isOnlyOperator(tx, actor.id)) {
      throw new AppError("conflict", "You are the only operator.", { key: "last_operator" });
    }
    await tellSecurityChange(tx, post, actor.id, "account_deleted");
    await recordLeaving(tx, actor);
    await recordAudit(tx, { actor, action: "account_deleted" });
    await tx.user.delete({ where: { id: actor.id }, select: { id: true } });
  });
}

async function requireTypedAddress(db: Db, userId: string, typed: string): Promise<void> {
  const { email, passwordHash } = await db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { email: true, passwordHash: true },
  });
  if (passwordHash !== null || typed === email) return;
  throw new AppError("invalid", "The address you typed is not the account's.", {
    key: "address_mismatch",
    details: [{ message: "must be the account's address", property: "confirmation" }],
  });
}

/** The locks that changes of roles take (members/place.ts), in one order, so that two deletions do not block each other. */
async function lockPlacesOf(tx: Db, userId: string): Promise<void> {
  await tx.$queryRaw`
    select 1 from providers where id in (
      select provider_id from provider_members where user_id = ${userId}::uuid and role = 'admin')
     order by id for no key update`;
  await tx.$queryRaw`
    select 1 from channels where id in (
      select channel_id from channel_members where user_id = ${userId}::uuid and role = 'admin')
     order by id for no key update`;
}

/** In the log of each place: its Admins do not see the entry of the account. */
async function recordLeaving(tx: Db, actor: Extract<Actor, { kind: "user" }>): Promise<void> {
  const where = { userId: actor.id };
  const [inProviders, inChannels] = await Promise.all([
    tx.providerMember.findMany({ where, select: { providerId: true, role: true } }),
    tx.channelMember.findMany({ where, select: { channelId: true, role: true } }),
  ]);
  const entries = [...inProviders, ...inChannels].map(({ role, ...place }) => {
    const change = { before: { role }, after: { accountDeleted: true } };
    return { actor, action: "member_left", ...place, ...change } as const;
  });
  await recordAudits(tx, entries);
}

const soleAdmin = (places: readonly NamedPlace[]) =>
  new AppError("conflict", `Sole Admin of ${places.map(({ id }) => id).join(", ")}.`, {
    key: "sole_admin",
    values: { count: places.length, names: places.map(({ name }) => name).join(", ") },
  });
