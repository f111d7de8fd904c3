import type { Actor } from "#lib/audit/actor.ts";
import { changedFields } from "#lib/audit/changed-fields.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { holdPerson } from "./hold-actor.ts";
import type { ProfileForm } from "./schema.ts";
import { closeAllSessions, closeSessionByKey } from "./sessions.ts";

type Person = Extract<Actor, { kind: "user" }>;

/** A person's own name, language, time zone and theme, or some of them. An edit that changes nothing is no entry. @throws AppError as holdActor. */
export async function editProfile(
  db: TransactionalDb,
  actor: Person,
  form: Partial<ProfileForm>,
): Promise<void> {
  await db.$transaction(async (tx) => {
    // Of two edits at once the second waits, so that its entry begins where the first one's ended.
    await holdPerson(tx, actor);
    const before = await tx.user.findUnique({
      where: { id: actor.id },
      select: { name: true, locale: true, timeZone: true, theme: true },
    });
    const change = before && changedFields(before, form);
    if (change === null) return;
    await tx.user.updateMany({ where: { id: actor.id }, data: form });
    await recordAudit(tx, { actor, action: "profile_edited", ...change });
  });
}

/** Ends one of the person's own sessions, by its key in the list; one that has ended already is fine. @throws AppError as holdActor. */
export async function endOneSession(
  db: TransactionalDb,
  actor: Person,
  key: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    const ended = await closeSessionByKey(tx, actor.id, key);
    if (ended) await recordAudit(tx, { actor, action: "sessions_ended", after: { count: 1 } });
  });
}

/** Ends all of the person's sessions but the current one. @throws AppError as holdActor. */
export async function endOtherSessions(
  db: TransactionalDb,
  actor: Person,
  currentId: string | null,
): Promise<{ endedCount: number }> {
  return db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    const endedCount = await closeAllSessions(tx, actor.id, currentId);
    await recordAudit(tx, { actor, action: "sessions_ended", after: { count: endedCount } });
    return { endedCount };
  });
}
