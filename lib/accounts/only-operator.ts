import type { Db } from "#lib/db.ts";

/** Any number, the same for every process: whoever holds it decides whether another operator is left. */
const operatorLock = 7_046_203;

/** Puts those in line who take operators away, until the transaction ends. */
export async function lockOperators(tx: Db): Promise<void> {
  await tx.$queryRaw`select 1 from (select pg_advisory_xact_lock(${operatorLock}::bigint)) as turn`;
}

/**
 * Whether nobody else could run the platform. Until the transaction ends others who ask wait, so of two operators who would
 * take each other away one stays.
 */
export async function isOnlyOperator(tx: Db, userId: string): Promise<boolean> {
  await lockOperators(tx);
  const operators = await tx.user.findMany({
    where: { isOperator: true, disabledAt: null },
    select: { id: true },
    take: 2,
  });
  return operators.length === 1 && operators[0]?.id === userId;
}
