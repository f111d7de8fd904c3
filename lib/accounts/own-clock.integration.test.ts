import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { readConfirmation } from "#lib/channels/confirm-address.ts";
import type { Database } from "#lib/db.ts";
import { invitationEnd } from "#lib/invitations/mail-invitation.ts";
import { findInvitation } from "#lib/invitations/queries.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { createTestOutbox, turnFactorOn } from "#testing/account-factory.ts";
import { actorOf, createChannel, createUser, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { listSessions } from "./list-sessions.ts";
import { checkCode } from "./second-factor.ts";
import { hashSecret, newSecret } from "./secrets.ts";
import { findLivingSessions, findSessionUser, openSession } from "./sessions.ts";
import { findToken, issueAccountToken, takeToken } from "./tokens.ts";

const hourMs = 3_600_000;
const looseMs = 60_000;

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => database.close());

/** As in a console on a machine whose clock is so far off. */
async function withClock<T>(days: number, work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + days * 24 * hourMs });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

describe.each([40, -40])("a console whose clock is %i days off", (days) => {
  test("opens sessions that live, and ends those that are over, by the database's clock", async () => {
    const { db } = database;
    const user = await createUser(db);
    const id = await withClock(days, () => openSession(db, user.id, { userAgent: null }));
    const look = async () => [
      (await findSessionUser(db, id))?.id,
      (await listSessions(db, user.id, id)).length,
      (await findLivingSessions(db, [id])).size,
    ];
    expect(await look()).toEqual([user.id, 1, 1]);
    expect(await withClock(days, look)).toEqual([user.id, 1, 1]);
    const [row] = await db.session.findMany({ where: { userId: user.id } });
    const now = await databaseTime(db);
    expect(Math.abs(Number(row?.lastSeenAt) - now.getTime())).toBeLessThan(looseMs);
    await database.pool.query(
      "update sessions set last_seen_at = now() - interval '13 hours' where user_id = $1",
      [user.id],
    );
    expect(await withClock(days, look)).toEqual([undefined, 0, 0]);
  });

  test("makes and takes links of mails by the database's clock", async () => {
    const { db } = database;
    const { id: userId } = await createUser(db);
    const token = await withClock(days, () => issueAccountToken(db, "reset_password", { userId }));
    expect(await findToken(db, "reset_password", token)).toMatchObject({ userId });
    const mine = await issueAccountToken(db, "reset_password", { userId });
    expect(await withClock(days, () => takeToken(db, "reset_password", mine))).not.toBeNull();
    const old = await issueAccountToken(db, "reset_password", { userId });
    await database.pool.query(
      "update account_tokens set expires_at = now() - interval '1 s' where user_id = $1",
      [userId],
    );
    expect(await withClock(days, () => takeToken(db, "reset_password", old))).toBeNull();
  });

  test("takes the code that an authenticator app shows now, and no old one", async () => {
    const { db } = database;
    const person = await createUser(db);
    const user = { ...actorOf(person), email: person.email } as Parameters<typeof turnFactorOn>[2];
    const { codeAt } = await turnFactorOn(db, createTestOutbox(), user, "");
    const at = Date.now();
    const check = (code: string) =>
      withClock(days, () => checkCode(db, testEncryptionKey, person.id, code));
    await expect(check(codeAt(at + days * 24 * hourMs))).rejects.toMatchObject({
      key: "code_wrong",
    });
    await check(codeAt(at));
  });

  test("takes an invitation, and a link that confirms an address, until they are over", async () => {
    const { db } = database;
    const inviter = await createUser(db, { isOperator: true });
    const token = newSecret();
    const { id } = await db.invitation.create({
      data: {
        ...{ tokenHash: hashSecret(token), email: "invited@example.com", invitedById: inviter.id },
        expiresAt: invitationEnd(await databaseTime(db)),
      },
    });
    const state = async () => (await findInvitation(db, token, "invitation"))?.state;
    expect(await withClock(days, state)).toBe("open");
    await database.pool.query(
      "update invitations set expires_at = now() - interval '1 s' where id = $1",
      [id],
    );
    expect(await withClock(days, state)).toBe("expired");
    await db.invitation.delete({ where: { id } });

    const channel = await createChannel(db, { email: "team@example.com", emailVerifiedAt: null });
    const link = { kind: "confirm" as const, channelId: channel.id, address: "team@example.com" };
    const now = Date.now();
    const read = (until: number) =>
      withClock(days, async () => (await readConfirmation(db, { ...link, until })).state);
    expect([await read(now + hourMs), await read(now - hourMs)]).toEqual(["open", "expired"]);
  });

  test("writes down when things were made by the database's clock", async () => {
    const { db } = database;
    const channel = await withClock(days, () => createChannel(db));
    const { createdAt } = await db.channel.findUniqueOrThrow({ where: { id: channel.id } });
    const now = await databaseTime(db);
    expect(Math.abs(createdAt.getTime() - now.getTime())).toBeLessThan(looseMs);
  });
});
