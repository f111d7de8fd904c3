import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createSessionUser, createTestOutbox } from "#testing/account-factory.ts";
import { testEncryptionKey as key } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { requestEmailChange } from "./change-email.ts";
import { changePassword } from "./change-password.ts";
import { confirmPerson, findProofAsked, type Proof } from "./confirm-person.ts";
import { deleteAccount } from "./delete-account.ts";
import { beginLinking } from "./external-accounts.ts";
import { accountLimits } from "./limits.ts";
import { findProofMissing, proveAgain, requireProven } from "./recent-proof.ts";
import type { SessionUser } from "./schema.ts";
import { offerSecondFactor } from "./second-factor.ts";
import { openSession } from "./sessions.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const password = "a long enough password";
const again = { code: "forbidden", key: "sign_in_again", values: { minutes: 10 } };
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

async function proofOf(userId: string, now?: Date): Promise<Proof> {
  const options = { userAgent: null, ...(now === undefined ? {} : { now }) };
  return { currentPassword: "", sessionId: await openSession(database.db, userId, options) };
}

/** Everything that an open browser alone must not do. */
const guarded: Record<string, (user: SessionUser, proof: Proof) => Promise<unknown>> = {
  "a first password": (user, proof) =>
    changePassword(database.db, createTestOutbox().post, user, { ...proof, password }),
  "another address": (user, proof) =>
    requestEmailChange(database.db, createTestOutbox().post, user, {
      ...proof,
      newEmail: `new-${user.email}`,
    }),
  "a second factor": (user, proof) => offerSecondFactor(database.db, key, user, proof),
  "another way to sign in": (user, proof) =>
    beginLinking(database.db, user, "github", proof.sessionId),
  "the end of the account": (user, proof) =>
    deleteAccount(database.db, createTestOutbox().post, user, {
      ...proof,
      confirmation: user.email,
    }),
};

for (const [what, run] of Object.entries(guarded)) {
  test(`without a password, ${what} needs a sign-in of the last ten minutes, by the person's own session`, async () => {
    const { db } = database;
    const [user, other] = await Promise.all([createSessionUser(db), createSessionUser(db)]);
    await proofOf(user.id);
    const refused = [
      await proofOf(user.id, minutesAgo(11)),
      await proofOf(other.id),
      { currentPassword: "", sessionId: null },
      { currentPassword: password, sessionId: "of nobody" },
    ];
    for (const proof of refused) await expect(run(user, proof)).rejects.toMatchObject(again);
    await run(user, await proofOf(user.id, minutesAgo(9)));
  });
}

test("who has no password types the own address to end the account", async () => {
  const { db } = database;
  const user = await createSessionUser(db);
  const end = async (confirmation: string) =>
    deleteAccount(db, createTestOutbox().post, user, {
      ...(await proofOf(user.id)),
      confirmation,
    });
  for (const typed of ["", "another@example.com"]) {
    await expect(end(typed)).rejects.toMatchObject({
      key: "address_mismatch",
      details: [{ property: "confirmation" }],
    });
  }
  await end(user.email);
  expect(await db.user.count({ where: { id: user.id } })).toBe(0);
});

test("a session that used to be fresh is not for ever, however much it is used", async () => {
  const { db } = database;
  const user = await createSessionUser(db);
  const proof = await proofOf(user.id);
  await confirmPerson(db, user.id, proof);
  await db.session.updateMany({
    where: { userId: user.id },
    data: { createdAt: minutesAgo(11), lastSeenAt: new Date() },
  });
  await expect(confirmPerson(db, user.id, proof)).rejects.toMatchObject(again);
});

test("who has a password is asked for it, also just after signing in, and may mistype it five times a minute", async () => {
  const { db } = database;
  const user = await createSessionUser(db, { password });
  const { sessionId } = await proofOf(user.id);
  const give = (currentPassword: string) =>
    confirmPerson(db, user.id, { currentPassword, sessionId }).catch((error) => error.key);
  await confirmPerson(db, user.id, { currentPassword: password, sessionId: null });
  const tries = await Promise.all(
    Array.from({ length: accountLimits.password.max + 2 }, () => give("")),
  );
  expect(tries.filter((key) => key === "password_wrong")).toHaveLength(accountLimits.password.max);
  await expect(
    confirmPerson(db, user.id, { currentPassword: password, sessionId }),
  ).rejects.toMatchObject({ code: "rate_limited" });
});

test("the forms ask for what the commands will take", async () => {
  const { db } = database;
  const known = await createSessionUser(db, { password });
  const user = await createSessionUser(db);
  const old = await proofOf(user.id, minutesAgo(11));
  const fresh = await proofOf(user.id);
  expect(await findProofAsked(db, known.id, null)).toBe("password");
  expect(await findProofAsked(db, user.id, old.sessionId)).toBe("sign_in");
  expect(await findProofAsked(db, user.id, fresh.sessionId)).toBe("none");
  expect(await findProofAsked(db, user.id, null)).toBe("sign_in");
});

test("a secret is shown for an hour after signing in, then once the password was typed, and in that session alone", async () => {
  const { db } = database;
  const user = await createSessionUser(db, { password });
  const [young, old, other] = [
    await proofOf(user.id, minutesAgo(59)),
    await proofOf(user.id, minutesAgo(61)),
    await proofOf(user.id, minutesAgo(61)),
  ];
  const mayBeShown = async ({ sessionId }: Proof) => {
    const missing = await findProofMissing(db, user.id, sessionId);
    const refusal = await requireProven(db, user.id, sessionId).then(
      () => null,
      (error) => error.key,
    );
    expect([missing, refusal]).toEqual(
      missing === "none" ? ["none", null] : ["password", "prove_again"],
    );
    return missing === "none";
  };
  expect([await mayBeShown(young), await mayBeShown(old)]).toEqual([true, false]);
  expect(await mayBeShown({ ...young, sessionId: null })).toBe(false);

  const wrong = { ...old, currentPassword: "not the password" };
  await expect(proveAgain(db, user, wrong)).rejects.toMatchObject({ key: "password_wrong" });
  expect(await mayBeShown(old)).toBe(false);
  await proveAgain(db, user, { ...old, currentPassword: password });
  expect([await mayBeShown(old), await mayBeShown(other)]).toEqual([true, false]);

  await db.session.updateMany({ where: { userId: user.id }, data: { provedAt: minutesAgo(61) } });
  expect([await mayBeShown(young), await mayBeShown(old)]).toEqual([false, false]);
});

test("who has no password signs in again to be shown a secret, and cannot use another's session", async () => {
  const { db } = database;
  const [user, other] = await Promise.all([createSessionUser(db), createSessionUser(db)]);
  const [fresh, old] = [await proofOf(user.id), await proofOf(user.id, minutesAgo(61))];
  expect(await findProofMissing(db, user.id, fresh.sessionId)).toBe("none");
  expect(await findProofMissing(db, user.id, old.sessionId)).toBe("sign_in");
  expect(await findProofMissing(db, other.id, fresh.sessionId)).toBe("sign_in");
  await expect(proveAgain(db, user, { ...old, currentPassword: password })).rejects.toMatchObject(
    again,
  );
  expect(await findProofMissing(db, user.id, old.sessionId)).toBe("sign_in");
});
