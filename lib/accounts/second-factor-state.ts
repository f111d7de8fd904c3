import type { Db } from "#lib/db.ts";

/** Whether a person must give a code at sign-in. */
export async function needsCode(db: Db, userId: string): Promise<boolean> {
  const where = { userId, confirmedAt: { not: null } };
  return (await db.secondFactor.findFirst({ where, select: { userId: true } })) !== null;
}
