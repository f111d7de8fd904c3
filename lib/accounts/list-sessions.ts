import type { Db } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { type SessionEntry, type SignInMethod, signInProviderIds } from "./schema.ts";
import { keyOfHash, sessionKey } from "./session-key.ts";
import { sessionIdleMs } from "./sessions.ts";
import { describeUserAgent } from "./user-agent.ts";

const listMax = 100;

/** A person's living sessions, the current one first, then by last use. At most 100. */
export async function listSessions(
  db: Db,
  userId: string,
  currentId: string | null,
): Promise<SessionEntry[]> {
  const now = (await databaseTime(db)).getTime();
  const rows = await db.session.findMany({
    where: {
      userId,
      expiresAt: { gt: new Date(now) },
      lastSeenAt: { gt: new Date(now - sessionIdleMs) },
    },
    orderBy: { lastSeenAt: "desc" },
    take: listMax,
  });
  const current = currentId === null ? "" : sessionKey(currentId);
  return rows
    .map(({ idHash, userAgent, address, method, createdAt, lastSeenAt }) => ({
      key: keyOfHash(idHash),
      isCurrent: keyOfHash(idHash) === current,
      ...describeUserAgent(userAgent),
      address,
      method: asMethod(method),
      createdAt,
      lastSeenAt,
    }))
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
}

function asMethod(method: string | null): SignInMethod | null {
  return (["password", ...signInProviderIds] as const).find((one) => one === method) ?? null;
}
