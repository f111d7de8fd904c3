import type { Db } from "#lib/db.ts";

/**
 * Before a person's tokens and sessions, until the transaction ends: what takes sessions away (another password, a second
 * factor, a disabled account) comes before or after it as a whole, and nobody waits in a circle.
 */
export async function lockPerson(tx: Db, userId: string): Promise<void> {
  await tx.$queryRaw`select 1 from users where id = ${userId}::uuid for no key update`;
}

/**
 * The same of several people, for what looks at one and changes another: always in the same order, so that two who do it
 * to each other do not wait in a circle.
 */
export async function lockPeople(tx: Db, userIds: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    select 1 from users where id = any(${[...userIds]}::uuid[]) order by id for no key update`;
}
