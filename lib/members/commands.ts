import { requireProof } from "#lib/accounts/recent-proof.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit, recordAudits } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import type { Place } from "#lib/place.ts";
import { changeRoles, describeRole, recordRole } from "./change-roles.ts";
import { asProviderRole, insertRole, type Role } from "./insert-role.ts";
import { findRole } from "./place.ts";
import { removeFromChannels } from "./remove-from-channels.ts";
import { channelRoles } from "./schema.ts";

/**
 * Gives a role to a person who has an account.
 * @throws AppError not_found (nobody has that address), conflict (has a role already); as changeRoles and requireProof.
 */
export async function addMember(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  form: { email: string; role: Role },
): Promise<void> {
  await changeRoles(db, actor, place, async (tx) => {
    await requireProof(tx, actor);
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
      throw new AppError("conflict", `${form.email} already has a role here.`, {
        key: "member_already",
        values,
        ...at,
      });
    }
    await insertRole(tx, place, user.id, form.role);
    await recordRole(tx, actor, place, "member_added", user, { after: { role: form.role } });
  });
}

/**
 * Gives a person another role; more than they have only by who has shown who they are. `seenRole` is the one that the form showed: another one by now is not overwritten.
 * @throws AppError conflict (gone or changed meanwhile); as changeRoles and requireProof.
 */
export async function changeRole(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  form: { userId: string; role: Role; seenRole?: Role | undefined },
): Promise<void> {
  await changeRoles(db, actor, place, async (tx) => {
    const before = await findRole(tx, place, form.userId);
    const count = await update(tx, place, form.userId, form.role);
    if (count === 0 || before === null) throw gone();
    if (form.seenRole !== undefined && form.seenRole !== before) throw changedMeanwhile();
    if (before === form.role) return;
    if (isMore(form.role, before)) await requireProof(tx, actor);
    const [person] = await findPeople(tx, [form.userId]);
    await recordRole(tx, actor, place, "member_role_changed", person ?? { id: form.userId }, {
      before: { role: before },
      after: { role: form.role },
    });
  });
}

/**
 * Takes the roles of several people; all or none. With `fromChannels` of a provider those in its channels too, whether or not
 * the actor has one there (docs/platform.md#roles).
 * @throws as changeRole; AppError conflict, naming them, when channels would be left without an Admin.
 */
export async function removeMembers(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  userIds: readonly string[],
  { fromChannels = false }: { fromChannels?: boolean } = {},
): Promise<{ removedCount: number }> {
  return changeRoles(db, actor, place, async (tx) => {
    const roles = await findRoles(tx, place, userIds);
    const count = await remove(tx, place, userIds);
    if (count === 0) throw gone();
    const people = await findPeople(tx, [...roles.keys()]);
    const entries = people.map((person) => {
      const before = { role: roles.get(person.id) ?? null };
      return describeRole(actor, place, "member_removed", person, { before });
    });
    await recordAudits(tx, entries);
    if (fromChannels && place.kind === "provider") {
      await removeFromChannels(tx, actor, place.id, userIds);
    }
    return { removedCount: count };
  });
}

/** As leaveChannel, for the Members of a provider. */
export async function leaveProvider(
  db: TransactionalDb,
  actor: Extract<Actor, { kind: "user" }>,
  providerId: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.providerMember.deleteMany({
      where: { providerId, userId: actor.id, role: { not: "admin" } },
    });
    if (count === 0) throw new AppError("conflict", "The role was changed in the meantime.");
    const before = { role: "member" };
    await recordAudit(tx, { actor, action: "member_left", providerId, before });
  });
}

/**
 * Gives up one's own role in a channel. Admins cannot leave (docs/platform.md#roles).
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
    if (count === 0) throw new AppError("conflict", "The role was changed in the meantime.");
    await recordAudit(tx, { actor, action: "member_left", channelId, before: { role: before } });
  });
}

/** The roles stand in the order of what they may do, the most first. */
const isMore = (role: Role, than: Role): boolean =>
  channelRoles.indexOf(role) < channelRoles.indexOf(than);

const findPeople = (tx: Db, ids: readonly string[]) =>
  tx.user.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true } });

/** The roles of those who have one there. */
async function findRoles(
  tx: Db,
  place: Place,
  userIds: readonly string[],
): Promise<Map<string, Role>> {
  const userId = { in: [...userIds] };
  const select = { userId: true, role: true };
  const members =
    place.kind === "channel"
      ? await tx.channelMember.findMany({ where: { channelId: place.id, userId }, select })
      : await tx.providerMember.findMany({ where: { providerId: place.id, userId }, select });
  return new Map(members.map((one) => [one.userId, one.role]));
}

const changedMeanwhile = () =>
  new AppError("conflict", "Someone else changed this role in the meantime.", {
    key: "role_changed",
  });

const gone = () =>
  new AppError("conflict", "This person no longer has a role here.", { key: "member_gone" });

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
