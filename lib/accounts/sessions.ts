import type { Db } from "#lib/db.ts";
import { defaultLocale, isLocale } from "#lib/messages/locales.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import type { SessionUser, SignInMethod } from "./schema.ts";
import { hashSecret, newSecret } from "./secrets.ts";
import { hashOfSessionKey, sessionKey } from "./session-key.ts";

/** A session ends this long after its last use, and at the latest this long after sign-in. */
export const sessionIdleMs = 12 * 3_600_000;
export const sessionLifeMs = 7 * 86_400_000;
const addressLengthMax = 60;
/** "Last seen" is written at most this often, or when the address changes, so that reading a page is not a write. */
const seenResolutionMs = 60_000;

/** Opens a session and returns its id: 256 random bits that only the cookie holds; the table has their SHA-256. */
export async function openSession(
  db: Db,
  userId: string,
  options: {
    userAgent: string | null;
    /** Null where it cannot be trusted. */
    address?: string | null;
    method?: SignInMethod;
    now?: Date;
  },
): Promise<string> {
  const id = newSecret();
  await db.$executeRaw`
    insert into sessions (id_hash, user_id, created_at, proved_at, last_seen_at, expires_at, user_agent, address, method)
    select ${hashSecret(id)}, ${userId}::uuid, began, began, began, began + ${sessionLifeMs}::float8 * interval '1 ms',
           ${options.userAgent?.slice(0, 300) ?? null}, ${options.address?.slice(0, addressLengthMax) ?? null},
           ${options.method ?? null}
      from (select coalesce(${options.now ?? null}::timestamptz, now()) as began) as clock`;
  return id;
}

type SessionRow = Omit<SessionUser, "kind" | "from" | "session" | "locale"> & {
  locale: string;
  address: string | null;
  seenAgoMs: number;
};

/**
 * The person behind a session id; null when it is unknown, ended, idle for too long, or the account is disabled. `address` is
 * where it is used from now, which the list of sessions shows; null where that cannot be trusted. `now`: another moment than
 * the database's.
 */
export async function findSessionUser(
  db: Db,
  id: string,
  { now = null, address = null }: { now?: Date | null; address?: string | null } = {},
): Promise<SessionUser | null> {
  const [row] = await db.$queryRaw<SessionRow[]>`
    select u.id, u.email, u.name, u.is_operator as "isOperator", u.locale, u.time_zone as "timeZone", u.theme,
           u.email_verified_at is not null as "isEmailVerified", s.address,
           (extract(epoch from clock.now - s.last_seen_at) * 1000)::float8 as "seenAgoMs"
      from (select coalesce(${now}::timestamptz, now()) as now) as clock, sessions s join users u on u.id = s.user_id
     where s.id_hash = ${hashSecret(id)} and s.expires_at > clock.now
       and s.last_seen_at > clock.now - ${sessionIdleMs}::float8 * interval '1 ms' and u.disabled_at is null`;
  if (row === undefined) return null;
  const { locale, address: lastAddress, seenAgoMs, ...user } = row;
  const from = address?.slice(0, addressLengthMax) ?? lastAddress;
  if (from !== lastAddress || seenAgoMs > seenResolutionMs) {
    await db.$executeRaw`
      update sessions set last_seen_at = coalesce(${now}::timestamptz, now()), address = ${from}
       where id_hash = ${hashSecret(id)}`;
  }
  return {
    kind: "user",
    ...user,
    locale: isLocale(locale) ? locale : defaultLocale,
    from: null,
    session: sessionKey(id),
  };
}

/** What a session must be to count: not ended, not idle for too long, of an account that is not disabled. */
const living = (now: Date) => ({
  expiresAt: { gt: now },
  lastSeenAt: { gt: new Date(now.getTime() - sessionIdleMs) },
  user: { disabledAt: null },
});

/** Which of these sessions still live: one question for all of them. Does not count as being seen. */
export async function findLivingSessions(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const now = await databaseTime(db);
  const hashes = new Map(ids.map((id) => [Buffer.from(hashSecret(id)).toString("hex"), id]));
  const sessions = await db.session.findMany({
    select: { idHash: true },
    where: { idHash: { in: [...hashes.values()].map(hashSecret) }, ...living(now) },
    take: ids.length,
  });
  return new Set(
    sessions.flatMap(({ idHash }) => hashes.get(Buffer.from(idHash).toString("hex")) ?? []),
  );
}

export async function closeSession(db: Db, id: string): Promise<void> {
  await db.session.deleteMany({ where: { idHash: hashSecret(id) } });
}

/** Signs a person out everywhere, but for the session `exceptId` when given. Returns how many sessions ended. */
export async function closeAllSessions(
  db: Db,
  userId: string,
  exceptId: string | null = null,
): Promise<number> {
  const { count } = await db.session.deleteMany({
    where: { userId, ...(exceptId === null ? {} : { idHash: { not: hashSecret(exceptId) } }) },
  });
  return count;
}

/** Ends one of a person's own sessions, named by its `key` in the list. False: it had ended already. */
export async function closeSessionByKey(db: Db, userId: string, key: string): Promise<boolean> {
  const idHash = hashOfSessionKey(key);
  return (await db.session.deleteMany({ where: { userId, idHash } })).count > 0;
}
