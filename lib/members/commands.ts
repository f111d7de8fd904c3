import { AppError } from "#lib/app-error.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { countAdmins, findRole, lockPlace, type Place } from "./place.ts";
import { type ChannelRole, type ProviderRole, providerRoles } from "./schema.ts";

/** Who changes roles. An operator may repair the roles of any provider, of no channel. */
export type Actor = { id: string; isOperator: boolean };
type Role = ChannelRole | ProviderRole;

/**
 * Gives a role to a person who has an account.
 * @throws AppError not_found (nobody has that address), conflict (has a role already), forbidden.
 */
export async function addMember(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  form: { email: string; role: Role },
): Promise<void> {
  await changeRoles(db, actor, place, async (tx) => {
    const user = await tx.user.findUnique({ where: { email: form.email }, select: { id: true } });
    const at = { details: [{ message: "cannot be added", property: "email" }] };
    const values = { email: form.email };
    if (user === null) {
      throw new AppError("not_found", `Nobody with the address ${form.email} has an account.`, {
        key: "unknown_person",
        values,
        ...at,
      });
    }
    if ((await findRole(tx, place, user.id)) !== null) {
      throw new AppError("conflict", `${form.email} has a role here already.`, {
        key: "member_already",
        values,
        ...at,
      });
    }
    await insert(tx, place, user.id, form.role);
  });
}

/** @throws AppError conflict (the last Admin, or gone meanwhile), forbidden. */
export async function changeRole(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  form: { userId: string; role: Role },
): Promise<void> {
  await changeRoles(db, actor, place, async (tx) => {
    const count = await update(tx, place, form.userId, form.role);
    if (count === 0) throw gone();
  });
}

/** Takes the roles of several people; all or none. @throws as changeRole. */
export async function removeMembers(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  userIds: readonly string[],
): Promise<{ removedCount: number }> {
  return changeRoles(db, actor, place, async (tx) => {
    const count = await remove(tx, place, userIds);
    if (count === 0) throw gone();
    return { removedCount: count };
  });
}

/**
 * Gives up one's own role in a channel. Admins cannot leave (fact sheet 8.2).
 * @throws AppError conflict when the person has become Admin, or has no role, meanwhile.
 */
export async function leaveChannel(db: Db, userId: string, channelId: string): Promise<void> {
  const { count } = await db.channelMember.deleteMany({
    where: { channelId, userId, role: { not: "admin" } },
  });
  if (count === 0) throw new AppError("conflict", "The role was changed meanwhile.");
}

/**
 * Every change of roles at one place happens in turn, behind a lock on the place's row: two Admins who remove each
 * other at once, or two requests that each leave "the other" Admin, cannot both succeed. The actor is looked at again
 * behind the lock.
 */
async function changeRoles<T>(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  change: (tx: Db) => Promise<T>,
): Promise<T> {
  return db.$transaction(async (tx) => {
    if (!(await lockPlace(tx, place)))
      throw new AppError("not_found", "It does not exist any more.");
    const mayAlways = actor.isOperator && place.kind === "provider";
    if (!mayAlways && (await findRole(tx, place, actor.id)) !== "admin") {
      throw new AppError("forbidden", "Only an Admin may change roles.");
    }
    const before = await countAdmins(tx, place);
    const result = await change(tx);
    if (before > 0 && (await countAdmins(tx, place)) === 0) throw lastAdmin(place);
    return result;
  });
}

const gone = () =>
  new AppError("conflict", "This person has no role here any more.", { key: "member_gone" });

const lastAdmin = (place: Place) =>
  new AppError("conflict", `This is the last Admin: a ${place.kind} must keep one.`, {
    key: place.kind === "channel" ? "last_channel_admin" : "last_provider_admin",
  });

async function insert(tx: Db, place: Place, userId: string, role: Role): Promise<void> {
  if (place.kind === "channel") {
    await tx.channelMember.create({
      data: { channelId: place.id, userId, role },
      select: { role: true },
    });
  } else {
    await tx.providerMember.create({
      data: { providerId: place.id, userId, role: asProviderRole(role) },
      select: { role: true },
    });
  }
}

async function update(tx: Db, place: Place, userId: string, role: Role): Promise<number> {
  const { count } =
    place.kind === "channel"
      ? await tx.channelMember.updateMany({
          where: { channelId: place.id, userId },
          data: { role },
        })
      : await tx.providerMember.updateMany({
          where: { providerId: place.id, userId },
          data: { role: asProviderRole(role) },
        });
  return count;
}

async function remove(tx: Db, place: Place, userIds: readonly string[]): Promise<number> {
  const who = { userId: { in: [...userIds] } };
  const { count } =
    place.kind === "channel"
      ? await tx.channelMember.deleteMany({ where: { channelId: place.id, ...who } })
      : await tx.providerMember.deleteMany({ where: { providerId: place.id, ...who } });
  return count;
}

function asProviderRole(role: Role): ProviderRole {
  const known = providerRoles.find((one) => one === role);
  if (known === undefined) throw new AppError("invalid", "A provider has no Testers.");
  return known;
}
