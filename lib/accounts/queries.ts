import type { Db } from "#lib/db.ts";

/** Whether anyone has an account. Nobody: the console leads through set-up. */
export async function hasAnyUser(db: Db): Promise<boolean> {
  return (await db.user.findFirst({ select: { id: true } })) !== null;
}

/** Whether a person signs in with a password, or with providers only. */
export async function hasPassword(db: Db, userId: string): Promise<boolean> {
  const where = { id: userId, passwordHash: { not: null } };
  return (await db.user.findFirst({ where, select: { id: true } })) !== null;
}
