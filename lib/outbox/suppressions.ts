import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudits } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";

const listMax = 200;

/** One address, or all that were ticked. */
export const LiftForm = z.object({
  address: z
    .union([z.string(), z.array(z.string()).min(1).max(listMax)])
    .transform((given) => [...new Set([given].flat())]),
});

/** The newest 200 addresses that are stopped, for operators only. Index: suppressed_addresses (suppressed_at). */
export async function listSuppressed(
  db: Db,
): Promise<{ address: string; stoppedAt: Date; answer: string }[]> {
  const rows = await db.suppressedAddress.findMany({
    orderBy: { suppressedAt: "desc" },
    take: listMax,
  });
  return rows.map(({ addressKey: address, suppressedAt: stoppedAt, answer }) => ({
    address,
    stoppedAt,
    answer,
  }));
}

/**
 * Has addresses written to again, from the next mail; what was refused before counts no more. Returns how many were still
 * stopped. @throws AppError conflict when none was.
 */
export async function liftSuppressions(
  db: TransactionalDb,
  actor: Actor,
  addresses: readonly string[],
): Promise<number> {
  return db.$transaction(async (tx) => {
    const among = { where: { addressKey: { in: [...addresses] } } };
    const found = await tx.suppressedAddress.findMany({ ...among, select: { addressKey: true } });
    const { count } = await tx.suppressedAddress.deleteMany(among);
    if (count === 0) throw new AppError("conflict", "The address is no longer stopped.");
    await tx.addressRefusal.deleteMany(among);
    await recordAudits(
      tx,
      found.map(({ addressKey: address }) => ({
        actor,
        action: "mail_address_lifted",
        after: { address },
      })),
    );
    return count;
  });
}
