import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";

const listMax = 200;

export const LiftForm = z.object({ address: z.string() });

/** The newest 200 addresses that a mail server refused for good, for operators only. Index: suppressed_addresses (suppressed_at). */
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

/** Has an address written to again, from the next mail. @throws AppError conflict when it was lifted meanwhile. */
export async function liftSuppression(
  db: TransactionalDb,
  actor: Actor,
  address: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.suppressedAddress.deleteMany({ where: { addressKey: address } });
    if (count === 0) throw new AppError("conflict", "The address is not stopped any more.");
    await recordAudit(tx, { actor, action: "mail_address_lifted", after: { address } });
  });
}
