import type { Db } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { hashSecret, newSecret } from "./secrets.ts";

export type TokenPurpose =
  | "reset_password"
  | "sign_up"
  | "verify_email"
  | "second_factor"
  | "link_provider";

/** How long each is good for. */
export const tokenLifeMs = {
  reset_password: 30 * 60_000,
  sign_up: 24 * 3_600_000,
  verify_email: 24 * 3_600_000,
  second_factor: 10 * 60_000,
  link_provider: 10 * 60_000,
} as const satisfies Record<TokenPurpose, number>;

export type Token = { userId: string | null; email: string | null; detail: string | null };
type NewToken = { userId: string } | { email: string };

/**
 * Makes a token and returns it; the table has its SHA-256. Of one purpose only the newest token of a person (or of an
 * address, where there is no person yet) works. Expired ones are forgotten on the way.
 */
export async function issueAccountToken(
  db: Db,
  purpose: TokenPurpose,
  owner: NewToken & { email?: string; detail?: string },
): Promise<string> {
  const { detail = null, email = null } = owner;
  const userId = "userId" in owner ? owner.userId : null;
  const token = newSecret();
  const now = await databaseTime(db);
  await db.accountToken.deleteMany({
    where: {
      OR: [
        { purpose, ...(userId === null ? { userId, email } : { userId }) },
        { expiresAt: { lt: now } },
      ],
    },
  });
  await db.accountToken.create({
    data: {
      idHash: hashSecret(token),
      purpose,
      userId,
      email,
      detail,
      expiresAt: new Date(now.getTime() + tokenLifeMs[purpose]),
    },
    select: { purpose: true },
  });
  return token;
}

const fields = { userId: true, email: true, detail: true } as const;

/** What a token stands for, without using it up; null when it is unknown, used, of another purpose or too old. */
export async function findToken(
  db: Db,
  purpose: TokenPurpose,
  token: string,
): Promise<Token | null> {
  return db.accountToken.findFirst({
    where: { idHash: hashSecret(token), purpose, expiresAt: { gt: await databaseTime(db) } },
    select: fields,
  });
}

/**
 * Ends whatever is begun that could become a session of the person by what they knew before: the second step of a sign-in,
 * a link for a new password, a provider about to be linked. In a transaction that has changed the person's row before, so
 * that a sign-in (`lockPerson`) comes before or after it as a whole.
 */
export async function endSignInsUnderWay(tx: Db, userId: string): Promise<void> {
  const purposes: TokenPurpose[] = ["second_factor", "reset_password", "link_provider"];
  await tx.accountToken.deleteMany({ where: { userId, purpose: { in: purposes } } });
}

/** Uses a token up. Of two simultaneous tries one gets it: the other's delete finds nothing. */
export async function takeToken(
  db: Db,
  purpose: TokenPurpose,
  token: string,
): Promise<Token | null> {
  const found = await findToken(db, purpose, token);
  if (found === null) return null;
  const { count } = await db.accountToken.deleteMany({
    where: { idHash: hashSecret(token), purpose, expiresAt: { gt: await databaseTime(db) } },
  });
  return count === 1 ? found : null;
}
