import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { type AuditEntry, recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { countAdmins, findRole, lockPlace, type Place } from "./place.ts";
import { type ChannelRole, type ProviderRole, providerRoles } from "./schema.ts";

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
    const user = await tx.user.findUnique({
      where: { email: form.email },
      select: { id: true, name: true },
    });
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
    await record(tx, actor, place, "member_added", user, { after: { role: form.role } });
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
    const before = await findRole(tx, place, form.userId);
    const count = await update(tx, place, form.userId, form.role);
    if (count === 0 || before === null) throw gone();
    if (before === form.role) return;
    const [person] = await findPeople(tx, [form.userId]);
    await record(tx, actor, place, "member_role_changed", person ?? { id: form.userId }, {
      before: { role: before },
      after: { role: form.role },
    });
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
    const roles = await Promise.all(userIds.map((id) => findRole(tx, place, id)));
    const count = await remove(tx, place, userIds);
    if (count === 0) throw gone();
    for (const person of await findPeople(tx, userIds)) {
      const role = roles[userIds.indexOf(person.id)] ?? null;
      if (role !== null)
        await record(tx, actor, place, "member_removed", person, { before: { role } });
    }
    return { removedCount: count };
  });
}

/**
 * Gives up one's own role in a channel. Admins cannot leave (fact sheet 8.2).
 * @throws AppError conflict when the person has become Admin, or has no role, meanwhile.
 */
export async function leaveChannel(
  db: TransactionalDb,
  actor: Extract<Actor, { kind: "user" }>,
  channelId: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const before = await findRole(tx, { kind: "channel", id: channelId }, actor.id);
    const { count } = await tx.channelMember.deleteMany({
      where: { channelId, userId: actor.id, role: { not: "admin" } },
    });
    if (count === 0) throw new AppError("conflict", "The role was changed meanwhile.");
    await recordAudit(tx, { actor, action: "member_left", channelId, before: { role: before } });
  });
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
  try {
    return await changeInTurn(db, actor, place, change);
  } catch (error) {
    // Somebody whose role was taken meanwhile, or who found a way past the pages: worth knowing.
    if (error instanceof AppError && error.code === "forbidden") {
      await recordAudit(db, { actor, action: "roles_refused", ...at(place), result: "refused" });
    }
    throw error;
  }
}

function changeInTurn<T>(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  change: (tx: Db) => Promise<T>,
): Promise<T> {
  return db.$transaction(async (tx) => {
    if (!(await lockPlace(tx, place)))
      throw new AppError("not_found", "It does not exist any more.");
    if (!(await mayChange(tx, actor, place))) {
      throw new AppError("forbidden", "Only an Admin may change roles.");
    }
    const before = await countAdmins(tx, place);
    const result = await change(tx);
    if (before > 0 && (await countAdmins(tx, place)) === 0) throw lastAdmin(place);
    return result;
  });
}

/** Platform keys provision any place; an operator may repair the roles of any provider, of no channel. */
async function mayChange(tx: Db, actor: Actor, place: Place): Promise<boolean> {
  if (actor.kind === "platform_key") return true;
  if (actor.kind !== "user") return false;
  if (actor.isOperator && place.kind === "provider") return true;
  return (await findRole(tx, place, actor.id)) === "admin";
}

const at = (place: Place) =>
  place.kind === "channel" ? { channelId: place.id } : { providerId: place.id };

const findPeople = (tx: Db, ids: readonly string[]) =>
  tx.user.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true } });

function record(
  tx: Db,
  actor: Actor,
  place: Place,
  action: "member_added" | "member_role_changed" | "member_removed",
  person: { id: string; name?: string },
  change: Pick<AuditEntry, "before" | "after">,
): Promise<void> {
  return recordAudit(tx, {
    actor,
    action,
    ...at(place),
    target: { kind: "user", ...person },
    ...change,
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
