import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { acceptWithNewAccount } from "#lib/invitations/accept.ts";
import { signInLimits, takeTry } from "#lib/limits/rate-limit.ts";
import {
  createSessionUser,
  createTestOutbox,
  freshProof,
  turnFactorOn,
} from "#testing/account-factory.ts";
import { testEncryptionKey as key } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { changePassword } from "./change-password.ts";
import { setUpOperator, signInWithPassword } from "./commands.ts";
import { deleteAccount } from "./delete-account.ts";
import { setUserDisabled } from "./disable-user.ts";
import { hashPassword } from "./passwords.ts";
import { resetPassword, sendResetLink } from "./reset-password.ts";
import { findSessionUser, openSession } from "./sessions.ts";
import { signInWithCode } from "./sign-in-with-code.ts";
import { completeSignUp } from "./sign-up.ts";

// What ends a person's sessions ends what could become one, too; and who may end whom.

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const password = "a long enough password";
const another = "another long password";
const visitor = { address: null, userAgent: "test" };
const { post } = createTestOutbox();

/** A person with a second factor whose password was right a moment ago. */
async function beginSignIn() {
  const { db } = database;
  const user = await createSessionUser(db, { password });
  const { codeAt } = await turnFactorOn(db, createTestOutbox(), user, password);
  const first = await signInWithPassword(db, { email: user.email, password }, visitor);
  if (first.kind !== "code_needed") throw new Error("a code was asked for");
  const { challenge } = first;
  const finish = () => signInWithCode(db, key, { challenge, code: codeAt(Date.now()) }, visitor);
  return { user, finish };
}

test("a sign-in that waits for its code ends with the password that it began with", async () => {
  const { db } = database;
  const changed = await beginSignIn();
  await changePassword(db, post, changed.user, {
    currentPassword: password,
    password: another,
    sessionId: null,
  });
  await expect(changed.finish()).rejects.toMatchObject({ key: "challenge_gone" });

  const forgotten = await beginSignIn();
  const outbox = createTestOutbox();
  await sendResetLink(db, outbox.post, forgotten.user.email, visitor);
  const token = outbox.tokenTo(forgotten.user.email);
  await resetPassword(db, post, { token, password: another }, visitor);
  await expect(forgotten.finish()).rejects.toMatchObject({ key: "challenge_gone" });
});

test("a sign-in that waits for its code ends when the account is disabled, also for later", async () => {
  const { db } = database;
  const operator = await createSessionUser(db, { isOperator: true });
  const { user, finish } = await beginSignIn();
  await setUserDisabled(db, operator, user.id, true);
  await expect(finish()).rejects.toMatchObject({ key: "challenge_gone" });
  await setUserDisabled(db, operator, user.id, false);
  await expect(finish()).rejects.toMatchObject({ key: "challenge_gone" });
  expect(await db.session.count({ where: { userId: user.id } })).toBe(0);
});

test("a link for a new password is of no use once the password was changed", async () => {
  const { db } = database;
  const outbox = createTestOutbox();
  const user = await createSessionUser(db, { password });
  await sendResetLink(db, outbox.post, user.email, visitor);
  const proof = { currentPassword: password, sessionId: null };
  await changePassword(db, post, user, { ...proof, password: another });
  const form = { token: outbox.tokenTo(user.email), password };
  await expect(resetPassword(db, post, form, visitor)).rejects.toMatchObject({ key: "link_gone" });
});

test("guessing for an hour uses up the tries of the hour, and a link for a new password gives them back", async () => {
  const { db } = database;
  const user = await createSessionUser(db, { password });
  const form = { email: user.email, password };
  for (let n = 0; n < signInLimits.accountHour.max; n += 1) {
    await takeTry(db, signInLimits.accountHour, user.email);
  }
  await expect(signInWithPassword(db, form, visitor)).rejects.toMatchObject({
    code: "rate_limited",
  });
  const outbox = createTestOutbox();
  await sendResetLink(db, outbox.post, user.email, visitor);
  await resetPassword(db, post, { token: outbox.tokenTo(user.email), password }, visitor);
  expect(await signInWithPassword(db, form, visitor)).toMatchObject({ kind: "signed_in" });
});

test("sessions that began without the second factor end when it is turned on", async () => {
  const { db } = database;
  const user = await createSessionUser(db, { password });
  const session = await openSession(db, user.id, { userAgent: null });
  await turnFactorOn(db, createTestOutbox(), user, password);
  expect(await findSessionUser(db, session)).toBeNull();
});

test("who signs in while the password is changed or the account disabled is in by nothing old", async () => {
  const { db } = database;
  const operator = await createSessionUser(db, { isOperator: true });
  for (let round = 0; round < 6; round += 1) {
    const user = await createSessionUser(db, { password });
    const end = () =>
      round % 2 === 0
        ? setUserDisabled(db, operator, user.id, true)
        : changePassword(db, post, user, {
            currentPassword: password,
            password: another,
            sessionId: null,
          });
    await Promise.allSettled([
      signInWithPassword(db, { email: user.email, password }, visitor),
      end(),
    ]);
    expect(await db.session.count({ where: { userId: user.id } })).toBe(0);
  }
});

test("of two operators who disable each other at once, or one of whom leaves, one stays", async () => {
  const { db } = database;
  for (let round = 0; round < 6; round += 1) {
    await db.user.updateMany({ where: { isOperator: true }, data: { isOperator: false } });
    const [a, b] = await Promise.all([1, 2].map(() => createSessionUser(db, { isOperator: true })));
    if (a === undefined || b === undefined) throw new Error("two operators were made");
    const proof = { ...(await freshProof(db, a.id)), confirmation: a.email };
    await Promise.allSettled([
      setUserDisabled(db, a, b.id, true),
      round % 2 === 0 ? setUserDisabled(db, b, a.id, true) : deleteAccount(db, post, a, proof),
    ]);
    const left = await db.user.count({ where: { isOperator: true, disabledAt: null } });
    expect(left).toBe(1);
  }
});

test("a link that nobody made costs no hash of a password", async () => {
  const { db } = database;
  await createSessionUser(db);
  const form = { token: "made up", name: "Nobody", password, locale: "en", theme: "dark" } as const;
  const tries = [
    () => resetPassword(db, post, form, visitor),
    () => completeSignUp(db, form, visitor),
    () => acceptWithNewAccount(db, { ...form, signUp: "invitation" }, visitor),
    () => setUpOperator(db, { ...form, email: "nobody@example.com" }, visitor),
  ];
  for (const attempt of tries) {
    let hashed = 0;
    const line = Array.from({ length: 10 }, () =>
      hashPassword(password).then(() => {
        hashed += 1;
      }),
    );
    await expect(attempt()).rejects.toMatchObject({ code: "conflict" });
    // Refused before those who wait in line had their turn.
    expect(hashed).toBeLessThan(10);
    await Promise.all(line);
  }
});
