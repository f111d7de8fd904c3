import { randomBytes } from "node:crypto";
import type { Db } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { hashSecret } from "./secrets.ts";

const count = 10;
/** 32 signs, none like another: 16 of them are 80 bits, random enough for a fast hash. */
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

/** `abcd-efgh-jkmn-pqrs` */
function newCode(): string {
  const letters = [...randomBytes(16)].map((byte) => alphabet[byte % alphabet.length]).join("");
  return letters.replace(/(.{4})(?=.)/g, "$1-");
}

/** Typed with or without hyphens, spaces and capitals. */
const hashOfCode = (code: string) => hashSecret(code.toLowerCase().replace(/[\s-]/g, ""));

/** Makes ten new codes and forgets the old ones; the table has their SHA-256. */
export async function replaceRecoveryCodes(tx: Db, userId: string): Promise<string[]> {
  const codes = Array.from({ length: count }, newCode);
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryCode.createMany({
    data: codes.map((code) => ({ userId, codeHash: hashOfCode(code) })),
  });
  return codes;
}

/** Whether the code is one of the person's and was not used before; now it is. */
export async function takeRecoveryCode(db: Db, userId: string, code: string): Promise<boolean> {
  const { count: taken } = await db.recoveryCode.updateMany({
    where: { userId, codeHash: hashOfCode(code), usedAt: null },
    data: { usedAt: await databaseTime(db) },
  });
  return taken === 1;
}
