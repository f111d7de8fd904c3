import { createHash } from "node:crypto";
import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";

export type Limit = { name: string; max: number; windowMs: number };

export const signInLimits = {
  account: { name: "sign-in:account", max: 5, windowMs: 60_000 },
  /** Guessing for days is worth a fifth of what the minute allows. A link for a new password gives the tries back. */
  accountHour: { name: "sign-in:account-hour", max: 60, windowMs: 3_600_000 },
  address: { name: "sign-in:address", max: 20, windowMs: 60_000 },
} as const satisfies Record<string, Limit>;

/** Refused sign-ins of one account, and of all that nobody has, that are written into the audit log. */
export const refusedSignInLimits = {
  account: { name: "audit:sign-in", max: 60, windowMs: 3_600_000 },
  nobody: { name: "audit:sign-in-nobody", max: 300, windowMs: 3_600_000 },
} as const satisfies Record<string, Limit>;

/** Files that one person takes out; each holds a connection to the database, and no snapshot, while it is read. */
export const exportLimit = {
  name: "export:user",
  max: 30,
  windowMs: 3_600_000,
} as const satisfies Limit;

/** Pictures of one channel; each takes a core for some tens of milliseconds. */
export const iconLimit = {
  name: "icon:channel",
  max: 20,
  windowMs: 3_600_000,
} as const satisfies Limit;

/**
 * Uses up one try of `subject` and refuses when none is left in its window. One upsert on the table's primary key, so
 * the limit holds over any number of processes and simultaneous tries. The window starts at the first try.
 * Does not protect from someone who spreads tries over many subjects.
 * @throws AppError rate_limited with the seconds to wait.
 */
export async function takeTry(db: Db, limit: Limit, subject: string): Promise<void> {
  const row = await countUp(db, limit, subject);
  if (row === undefined || row.tries <= limit.max) return;
  const seconds = Math.max(1, row.secondsLeft);
  throw new AppError("rate_limited", `Too many attempts: wait ${seconds} s.`, {
    key: "rate_limited",
    values: { seconds },
  });
}

/** How many tries of `subject` its window has with this one, for who does something else than refuse. As takeTry. */
export async function countTry(db: Db, limit: Limit, subject: string): Promise<number> {
  return (await countUp(db, limit, subject))?.tries ?? 1;
}

async function countUp(
  db: Db,
  limit: Limit,
  subject: string,
): Promise<{ tries: number; secondsLeft: number } | undefined> {
  const windowSeconds = limit.windowMs / 1_000;
  const rows = await db.$queryRaw<{ tries: number; secondsLeft: number }[]>`
    insert into rate_limits as l (key, tries, ends_at)
    values (${keyOf(limit, subject)}, 1, now() + make_interval(secs => ${windowSeconds}))
    on conflict (key) do update set
      tries = case when l.ends_at <= now() then 1 else least(l.tries + 1, 1000000) end,
      ends_at = case when l.ends_at <= now() then excluded.ends_at else l.ends_at end
    returning tries, ceil(extract(epoch from ends_at - now()))::int as "secondsLeft"`;
  return rows[0];
}

/** Gives all tries back, after one that was right. Old windows of others are forgotten on the way. */
export async function forgetTries(db: Db, limit: Limit, subject: string): Promise<void> {
  await db.$executeRaw`
    delete from rate_limits
    where key = ${keyOf(limit, subject)}
       or key in (select key from rate_limits where ends_at < now() - interval '1 hour' limit 100)`;
}

/** Gives an account's tries at sign-in back. */
export async function forgetSignInTries(db: Db, email: string): Promise<void> {
  await forgetTries(db, signInLimits.account, email);
  await forgetTries(db, signInLimits.accountHour, email);
}

/** What people typed (which may be a password in the wrong field) is not kept. */
function keyOf(limit: Limit, subject: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(`${limit.name}:${subject}`).digest());
}
