import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { countTry, refusedSignInLimits, signInLimits, takeTry } from "#lib/limits/rate-limit.ts";
import { createUser, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createOperator, setUpLock, setUpOperator, signInWithPassword } from "./commands.ts";
import {
  closeSession,
  findSessionUser,
  openSession,
  sessionIdleMs,
  sessionLifeMs,
} from "./sessions.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const password = "a long enough password";
const visitor = { address: null, userAgent: "test" };

test("of two visitors who set up at once exactly one becomes operator", async () => {
  const empty = await createTestDatabase();
  try {
    const tries = await Promise.allSettled(
      ["one@example.com", "two@example.com"].map((email) =>
        setUpOperator(
          empty.db,
          { name: "First", email, password, locale: "ja", theme: "dark" },
          null,
        ),
      ),
    );
    expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(tries.find((one) => one.status === "rejected")).toMatchObject({
      reason: { code: "conflict", key: "set_up_done" },
    });
    expect(await empty.db.user.count({ where: { isOperator: true } })).toBe(1);
  } finally {
    await empty.close();
  }
});

test("a visitor who sets up while another is at it waits, and is then refused", async () => {
  const empty = await createTestDatabase();
  try {
    const taste = { locale: "en", theme: "system" } as const;
    const form = { name: "Second", email: "second@example.com", password, ...taste };
    let second: Promise<unknown> = Promise.resolve();
    await inTransaction(empty.pool, async (client) => {
      await client.query("select pg_advisory_xact_lock($1)", [setUpLock]);
      await client.query(
        "insert into users (id, email, name) values (gen_random_uuid(), 'first@example.com', 'First')",
      );
      second = setUpOperator(empty.db, form, null).catch((error: unknown) => error);
      await expect.poll(() => countWaiting(empty), { timeout: 120_000 }).toBe(1);
    });
    expect(await second).toMatchObject({ code: "conflict", key: "set_up_done" });
    expect(await empty.db.user.count()).toBe(1);
  } finally {
    await empty.close();
  }
});

async function countWaiting({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

test("an operator's address must be free", async () => {
  const user = await createUser(database.db);
  await expect(
    createOperator(database.db, testActor, { name: "Second", email: user.email, password }),
  ).rejects.toMatchObject({ code: "conflict" });
});

test("a session lives for its idle time after the last use and not beyond its absolute end", async () => {
  const { db } = database;
  const user = await createUser(db);
  const start = new Date("2026-01-01T00:00:00Z");
  const at = (ms: number) => new Date(start.getTime() + ms);
  const id = await openSession(db, user.id, { userAgent: null, now: start });

  expect(await findSessionUser(db, id, { now: at(sessionIdleMs - 1_000) })).toMatchObject({
    id: user.id,
  });
  // That use counts: the idle time starts again.
  expect(await findSessionUser(db, id, { now: at(2 * sessionIdleMs - 2_000) })).not.toBeNull();
  expect(await findSessionUser(db, id, { now: at(3 * sessionIdleMs) })).toBeNull();

  const busy = await openSession(db, user.id, { userAgent: null, now: start });
  await db.session.updateMany({
    where: { userId: user.id },
    data: { lastSeenAt: at(sessionLifeMs) },
  });
  expect(await findSessionUser(db, busy, { now: at(sessionLifeMs - 1_000) })).not.toBeNull();
  expect(await findSessionUser(db, busy, { now: at(sessionLifeMs) })).toBeNull();
});

test("a closed session, and one of a disabled account, is nobody's", async () => {
  const { db } = database;
  const user = await createUser(db);
  const closed = await openSession(db, user.id, { userAgent: null });
  const other = await openSession(db, user.id, { userAgent: null });
  await closeSession(db, closed);
  expect(await findSessionUser(db, closed)).toBeNull();
  expect(await findSessionUser(db, other)).not.toBeNull();
  await db.user.update({ where: { id: user.id }, data: { disabledAt: new Date() } });
  expect(await findSessionUser(db, other)).toBeNull();
});

test("the table of sessions does not hold what the cookie carries", async () => {
  const { db } = database;
  const user = await createUser(db);
  const id = await openSession(db, user.id, { userAgent: null });
  const [row] = await db.session.findMany({ where: { userId: user.id } });
  expect(Buffer.from(row?.idHash ?? []).includes(Buffer.from(id))).toBe(false);
});

test("wrong password, unknown person and disabled account are refused in the same words", async () => {
  const { db } = database;
  const user = await createUser(db, { password });
  const disabled = await createUser(db, { password, disabledAt: new Date() });
  const refusals = [
    { email: user.email, password: "not the password" },
    { email: "stranger@example.com", password },
    { email: disabled.email, password },
  ].map((form) => signInWithPassword(db, form, visitor).catch((error: unknown) => error));
  for (const refusal of await Promise.all(refusals)) {
    expect(refusal).toMatchObject({ code: "unauthenticated", key: "sign_in_wrong", values: {} });
  }
});

test("refused sign-ins are written down, but not without end: nothing can be taken out of the log", async () => {
  const { db } = database;
  const written = (userId: string | null) =>
    db.auditEntry.findMany({
      where: { action: "sign_in_refused", targetId: userId },
      orderBy: { id: "asc" },
      select: { after: true },
    });
  const user = await createUser(db, { password });
  for (const [limit, id] of [
    [refusedSignInLimits.account, user.id],
    [refusedSignInLimits.nobody, null],
  ] as const) {
    await db.rateLimit.deleteMany();
    for (let n = 0; n < limit.max - 1; n += 1) await countTry(db, limit, id ?? "");
    const before = (await written(id)).length;
    for (let n = 0; n < 3; n += 1) {
      const email = id === null ? `nobody-${n}@example.com` : user.email;
      const tried = signInWithPassword(db, { email, password: "not the password" }, visitor);
      await expect(tried).rejects.toMatchObject({ key: "sign_in_wrong" });
    }
    const entries = (await written(id)).slice(before);
    const reason = id === null ? "unknown_address" : "password_wrong";
    expect(entries).toEqual([{ after: { method: "password", reason, furtherLeftOut: true } }]);
  }
});

test("five wrong tries at once use up the minute, also for the right password", async () => {
  const { db } = database;
  const user = await createUser(db, { password });
  const form = { email: user.email, password: "not the password" };
  const tries = await Promise.all(
    Array.from({ length: 8 }, () =>
      signInWithPassword(db, form, visitor).catch((error: { code: string }) => error.code),
    ),
  );
  expect(tries.filter((code) => code === "unauthenticated")).toHaveLength(5);
  expect(tries.filter((code) => code === "rate_limited")).toHaveLength(3);
  await expect(
    signInWithPassword(db, { email: user.email, password }, visitor),
  ).rejects.toMatchObject({ code: "rate_limited" });
});

test("a right password gives the tries back", async () => {
  const { db } = database;
  const user = await createUser(db, { password });
  for (let round = 0; round < 7; round += 1) {
    const result = await signInWithPassword(db, { email: user.email, password }, visitor);
    if (result.kind !== "signed_in") throw new Error("no code was asked for");
    expect(await findSessionUser(db, result.sessionId)).toMatchObject({ email: user.email });
  }
});

test("signing in tells the browser the language and theme of the person", async () => {
  const { db } = database;
  const user = await createUser(db, { password, locale: "ja", theme: "dark" });
  expect(await signInWithPassword(db, { email: user.email, password }, visitor)).toMatchObject({
    taste: { locale: "ja", theme: "dark" },
  });
});

test("tries count again when their window has ended", async () => {
  const { db } = database;
  const limit = { ...signInLimits.account, max: 1 };
  await takeTry(db, limit, "someone");
  await expect(takeTry(db, limit, "someone")).rejects.toMatchObject({
    code: "rate_limited",
    values: { seconds: expect.any(Number) },
  });
  await db.rateLimit.updateMany({ data: { endsAt: new Date(Date.now() - 1_000) } });
  await expect(takeTry(db, limit, "someone")).resolves.toBeUndefined();
});
