import type { Db } from "#lib/db.ts";

/** Whether anyone has an account. Nobody: the console leads through set-up. */
export async function hasAnyUser(db: Db): Promise<boolean> {
  return (await db.user.findFirst({ select: { id: true } })) !== null;
}
