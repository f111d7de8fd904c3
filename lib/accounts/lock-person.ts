import type { Db } from "#lib/db.ts";

/**
 * Before a person's tokens and sessions, until the transaction ends: what takes sessions away (another password, a second
 * factor, a disabled account) comes before or after it as a whole, and nobody waits in a circle.
 */
export async function lockPerson(tx: Db, userId: string): Promise<void> {
  await tx.$queryRaw`select 1 from users where id = ${userId}::uuid for no key update`;
}
