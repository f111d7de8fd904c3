import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import type { Db } from "#lib/db.ts";
import { lockPerson } from "./lock-person.ts";
import { hashOfSessionKey } from "./session-key.ts";

type Person = Extract<Actor, { kind: "user" }>;

/**
 * Asks, inside the transaction of a change, whether whoever acts may act at all: a person whose account is there and not
 * disabled, by a session that has not ended. It stays so until the transaction ends. Says what they are now: what the
 * request began with may be over. After the locks on places, in the order in which accounts are deleted.
 * @throws AppError forbidden; unauthenticated when the session has ended.
 */
export async function holdActor(tx: Db, actor: Person): Promise<{ isOperator: boolean }> {
  const [user] = await tx.$queryRaw<{ isOperator: boolean }[]>`
    select is_operator as "isOperator" from users
     where id = ${actor.id}::uuid and disabled_at is null for share`;
  if (user === undefined) throw noRight();
  await holdSession(tx, actor);
  return user;
}

/**
 * The same before a change to one's own account: until the transaction ends nobody else changes it, so that a new password
 * by the link of a mail, which ends what was begun, comes before or after this as a whole. @throws as holdActor.
 */
export async function holdPerson(tx: Db, actor: Person): Promise<void> {
  await lockPerson(tx, actor.id);
  await holdActor(tx, actor);
}

/** Only its end waits meanwhile: that it was seen is written all the time. */
async function holdSession(tx: Db, { id, session }: Person): Promise<void> {
  if (session === null) return;
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from sessions
     where id_hash = ${hashOfSessionKey(session)} and user_id = ${id}::uuid for key share`;
  if (rows.length === 0)
    throw new AppError("unauthenticated", "The session has ended: sign in again.");
}

/** As holdActor, for what operators alone do; a program on the machine itself may too. @throws as holdActor. */
export async function requireOperatorRight(tx: Db, actor: Actor): Promise<void> {
  if (actor.kind === "command") return;
  if (actor.kind !== "user" || !(await holdActor(tx, actor)).isOperator) throw noRight();
}

export const noRight = () => new AppError("forbidden", "You no longer have the right to do this.");
