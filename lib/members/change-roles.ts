import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { type AuditEntry, recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import type { Place } from "#lib/place.ts";
import { countAdmins, lockPlace } from "./place.ts";
import { requireChannelRight, requireProviderRight } from "./require-right.ts";

/**
 * Every change of roles at one place happens in turn, behind a lock on the place's row: two Admins who remove each
 * other at once, or two requests that each leave "the other" Admin, cannot both succeed. The actor is looked at again
 * behind the lock.
 * @throws AppError as requireChannelRight; conflict when the last Admin would go.
 */
export async function changeRoles<T>(
  db: TransactionalDb,
  actor: Actor,
  place: Place,
  change: (tx: Db) => Promise<T>,
): Promise<T> {
  return db.$transaction(async (tx) => {
    if (!(await lockPlace(tx, place))) throw new AppError("not_found", "It no longer exists.");
    await requireManageRoles(tx, actor, place);
    const before = await countAdmins(tx, place);
    const result = await change(tx);
    if (before > 0 && (await countAdmins(tx, place)) === 0) throw lastAdmin(place);
    return result;
  });
}

/** Platform keys provision any place; an operator may repair the roles of any provider, of no channel. */
export const requireManageRoles = (tx: Db, actor: Actor, place: Place): Promise<void> =>
  place.kind === "channel"
    ? requireChannelRight(tx, actor, place.id, "manage_roles")
    : requireProviderRight(tx, actor, place.id, "manage_roles");

/** The page of which place an audit entry is shown on. */
export const placeOf = (place: Place) =>
  place.kind === "channel" ? { channelId: place.id } : { providerId: place.id };

type RoleAction = "member_added" | "member_role_changed" | "member_removed";

/** Writes down what became of a person's role. */
export function recordRole(
  tx: Db,
  actor: Actor,
  place: Place,
  action: RoleAction,
  person: { id: string; name?: string },
  change: Pick<AuditEntry, "before" | "after">,
): Promise<void> {
  return recordAudit(tx, describeRole(actor, place, action, person, change));
}

/** The entry of the audit log for it. */
export const describeRole = (
  actor: Actor,
  place: Place,
  action: RoleAction,
  person: { id: string; name?: string },
  change: Pick<AuditEntry, "before" | "after">,
): AuditEntry => ({
  actor,
  action,
  ...placeOf(place),
  target: { kind: "user", ...person },
  ...change,
});

const lastAdmin = (place: Place) =>
  new AppError("conflict", `This is the last Admin: a ${place.kind} must keep one.`, {
    key: place.kind === "channel" ? "last_channel_admin" : "last_provider_admin",
  });
