import type { Db } from "#lib/db.ts";
import { hashOfSessionKey, sessionKey } from "./session-key.ts";

/** How long after a sign-in a person without a password need not sign in again. */
export const freshSignInMinutes = 10;
/** How long a sign-in, or the password since, stands for what an open browser alone must not do. */
export const provenMinutes = 60;

export const keyOrNull = (sessionId: string | null): string | null =>
  sessionId === null ? null : sessionKey(sessionId);

/** What a session has shown: `isFresh`, it has just begun; `isProven`, within the hour; `isTyped`, by the password, just now. */
export type SessionProof = { isFresh: boolean; isProven: boolean; isTyped: boolean };

/** By the primary key of sessions. The database's clock wrote the times, and says what time it is now. */
export async function readProof(
  db: Db,
  userId: string,
  session: string | null,
): Promise<SessionProof> {
  const none = { isFresh: false, isProven: false, isTyped: false };
  if (session === null) return none;
  const [row] = await db.$queryRaw<SessionProof[]>`
    select created_at > now() - make_interval(mins => ${freshSignInMinutes}::int) as "isFresh",
           proved_at > now() - make_interval(mins => ${provenMinutes}::int) as "isProven",
           proved_at > created_at and proved_at > now() - make_interval(mins => ${freshSignInMinutes}::int) as "isTyped"
      from sessions
     where id_hash = ${hashOfSessionKey(session)} and user_id = ${userId}::uuid`;
  return row ?? none;
}

/**
 * Notes that the person has shown who they are by the password: for the session that they did it in, and for the ways to
 * sign in that were linked before, which stay from now on when a password is forgotten (end-begun.ts).
 */
export async function noteProof(tx: Db, userId: string, session: string | null): Promise<void> {
  if (session !== null) {
    await tx.$executeRaw`
      update sessions set proved_at = now()
       where id_hash = ${hashOfSessionKey(session)} and user_id = ${userId}::uuid`;
  }
  await tx.$executeRaw`
    update external_accounts set proved_at = now()
     where user_id = ${userId}::uuid and proved_at is null`;
}
