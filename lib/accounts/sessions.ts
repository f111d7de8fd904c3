import { createHash, randomBytes } from "node:crypto";
import type { Db } from "#lib/db.ts";
import { defaultLocale, isLocale } from "#lib/messages/locales.ts";
import type { SessionUser } from "./schema.ts";

/** A session ends this long after its last use, and at the latest this long after sign-in. */
export const sessionIdleMs = 12 * 3_600_000;
export const sessionLifeMs = 7 * 86_400_000;
/** "Last seen" is written at most this often, so that reading a page is not a write. */
const seenResolutionMs = 60_000;

/** Opens a session and returns its id: 256 random bits that only the cookie holds; the table has their SHA-256. */
export async function openSession(
  db: Db,
  userId: string,
  options: { userAgent: string | null; now?: Date },
): Promise<string> {
  const id = randomBytes(32).toString("base64url");
  const now = options.now ?? new Date();
  await db.session.create({
    data: {
      idHash: hashOf(id),
      userId,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + sessionLifeMs),
      userAgent: options.userAgent?.slice(0, 300) ?? null,
    },
  });
  return id;
}

/** The person behind a session id; null when it is unknown, ended, idle for too long, or the account is disabled. */
export async function findSessionUser(
  db: Db,
  id: string,
  now: Date = new Date(),
): Promise<SessionUser | null> {
  const session = await db.session.findFirst({
    where: { idHash: hashOf(id), ...living(now) },
    select: {
      lastSeenAt: true,
      user: {
        select: {
          id: true,
          email: true,
          name: true,
          isOperator: true,
          locale: true,
          timeZone: true,
        },
      },
    },
  });
  if (session === null) return null;
  if (now.getTime() - session.lastSeenAt.getTime() > seenResolutionMs) {
    await db.session.updateMany({ where: { idHash: hashOf(id) }, data: { lastSeenAt: now } });
  }
  const { locale, ...user } = session.user;
  return { kind: "user", ...user, locale: isLocale(locale) ? locale : defaultLocale, from: null };
}

/** What a session must be to count: not ended, not idle for too long, of an account that is not disabled. */
const living = (now: Date) => ({
  expiresAt: { gt: now },
  lastSeenAt: { gt: new Date(now.getTime() - sessionIdleMs) },
  user: { disabledAt: null },
});

/** Which of these sessions still live: one question for all of them. Does not count as being seen. */
export async function findLivingSessions(
  db: Db,
  ids: readonly string[],
  now: Date = new Date(),
): Promise<Set<string>> {
  const hashes = new Map(ids.map((id) => [Buffer.from(hashOf(id)).toString("hex"), id]));
  const sessions = await db.session.findMany({
    select: { idHash: true },
    where: { idHash: { in: [...hashes.values()].map(hashOf) }, ...living(now) },
    take: ids.length,
  });
  return new Set(
    sessions.flatMap(({ idHash }) => hashes.get(Buffer.from(idHash).toString("hex")) ?? []),
  );
}

export async function closeSession(db: Db, id: string): Promise<void> {
  await db.session.deleteMany({ where: { idHash: hashOf(id) } });
}

function hashOf(id: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(id).digest());
}
