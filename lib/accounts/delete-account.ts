import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { confirmPassword } from "./confirm-password.ts";
import type { PostAccountMail } from "./mail.ts";
import { tellSecurityChange } from "./reader.ts";

/** Any number, the same for every process: whoever holds it decides whether another operator is left. */
const operatorLock = 7_046_203;

export type SolePlace = { kind: "channel" | "provider"; id: string; name: string };

/** The providers and channels whose only Admin the person is, by name. */
export async function listSolePlaces(db: Db, userId: string): Promise<SolePlace[]> {
  return db.$queryRaw<SolePlace[]>`
    select 'provider' as kind, p.id, p.name
      from providers p join provider_members m on m.provider_id = p.id and m.user_id = ${userId}::uuid and m.role = 'admin'
     where not exists (select from provider_members o where o.provider_id = p.id and o.role = 'admin' and o.user_id <> m.user_id)
     union all
    select 'channel', c.id, c.name
      from channels c join channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid and m.role = 'admin'
     where not exists (select from channel_members o where o.channel_id = c.id and o.role = 'admin' and o.user_id <> m.user_id)
     order by 1 desc, 3, 2`;
}

/**
 * Deletes a person's own account with everything that is theirs alone; roles go, mails and audit entries stay. Changes of
 * roles and of operators wait meanwhile, so that of two Admins who leave at once one is told to stay.
 * @throws AppError as confirmPassword; conflict, naming the places, while the person is sole Admin anywhere or the only operator.
 */
export async function deleteAccount(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Extract<Actor, { kind: "user" }>,
  currentPassword: string,
): Promise<void> {
  await confirmPassword(db, actor.id, currentPassword);
  await db.$transaction(async (tx) => {
    await lockPlacesOf(tx, actor.id);
    const places = await listSolePlaces(tx, actor.id);
    if (places.length > 0) throw soleAdmin(places);
    await keepAnOperator(tx, actor.id);
    await tellSecurityChange(tx, post, actor.id, "account_deleted");
    await recordAudit(tx, { actor, action: "account_deleted" });
    await tx.user.delete({ where: { id: actor.id }, select: { id: true } });
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

async function keepAnOperator(tx: Db, userId: string): Promise<void> {
  await tx.$queryRaw`select 1 from (select pg_advisory_xact_lock(${operatorLock}::bigint)) as turn`;
  const operators = await tx.user.findMany({
    where: { isOperator: true, disabledAt: null },
    select: { id: true },
    take: 2,
  });
  if (operators.length === 1 && operators[0]?.id === userId) {
    throw new AppError("conflict", "You are the only operator.", { key: "last_operator" });
  }
}

const soleAdmin = (places: readonly SolePlace[]) =>
  new AppError("conflict", `Sole Admin of ${places.map(({ id }) => id).join(", ")}.`, {
    key: "sole_admin",
    values: { count: places.length, names: places.map(({ name }) => name).join(", ") },
  });
