import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import {
  createSessionUser,
  createTestOutbox,
  freshProof,
  turnFactorOn,
} from "#testing/account-factory.ts";
import {
  createChannel,
  createMember,
  createProviderMember,
  testEncryptionKey as key,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { confirmEmailChange, requestEmailChange } from "./change-email.ts";
import { signInWithPassword } from "./commands.ts";
import { deleteAccount } from "./delete-account.ts";
import { accountLimits } from "./limits.ts";
import { resetPassword, sendResetLink, takeResetTry } from "./reset-password.ts";
import { checkCode } from "./second-factor.ts";
import { findSessionUser, openSession } from "./sessions.ts";
import { signInWithCode } from "./sign-in-with-code.ts";
import { completeSignUp, sendSignUpLink } from "./sign-up.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const password = "a long enough password";
const another = "another long password";
const visitor = { address: null, userAgent: "test" };
const statuses = (tries: PromiseSettledResult<unknown>[]) => tries.map((one) => one.status).sort();

test("a reset link works once, also for two at once, ends every session and dies of a newer link", async () => {
  const { db } = database;
  const outbox = createTestOutbox();
  const user = await createSessionUser(db, { password });
  const session = await openSession(db, user.id, { userAgent: null });
  await sendResetLink(db, outbox.post, user.email, visitor);
  const old = outbox.tokenTo(user.email);
  await sendResetLink(db, outbox.post, user.email, visitor);
  const token = outbox.tokenTo(user.email);
  const reset = (one: string) =>
    resetPassword(db, outbox.post, { token: one, password: another }, visitor);
  await expect(reset(old)).rejects.toMatchObject({ key: "link_gone" });
  expect(statuses(await Promise.allSettled([reset(token), reset(token)]))).toEqual([
    "fulfilled",
    "rejected",
  ]);
  expect(await findSessionUser(db, session)).toBeNull();
  const form = { email: user.email, password: another };
  expect(await signInWithPassword(db, form, visitor)).toMatchObject({ kind: "signed_in" });
  expect(outbox.mails.at(-1)).toMatchObject({ kind: "security", change: "password_changed" });
});

test("nobody unknown and no disabled account gets a reset link, and asking is limited for both alike", async () => {
  const { db } = database;
  const outbox = createTestOutbox();
  const disabled = await createSessionUser(db, { disabledAt: new Date() });
  for (const email of ["nobody@example.com", disabled.email]) {
    await sendResetLink(db, outbox.post, email, visitor);
    for (let n = 0; n < accountLimits.resetAddress.max; n += 1) {
      await takeResetTry(db, email, visitor);
    }
    await expect(takeResetTry(db, email, visitor)).rejects.toMatchObject({ code: "rate_limited" });
  }
  expect(outbox.mails).toEqual([]);
});

test("sign-up tells the mailbox alone whether there is an account, and makes one once", async () => {
  const { db } = database;
  const outbox = createTestOutbox();
  const known = await createSessionUser(db);
  await sendSignUpLink(db, outbox.post, { email: known.email, locale: "en" });
  expect(outbox.mails).toMatchObject([{ kind: "sign_up_known", to: known.email }]);
  const email = "fresh@example.com";
  await sendSignUpLink(db, outbox.post, { email, locale: "en" });
  const taste = { locale: "en", theme: "dark" } as const;
  const form = { token: outbox.tokenTo(email), name: "F", password, ...taste };
  const tries = await Promise.allSettled([1, 2].map(() => completeSignUp(db, form, visitor)));
  expect(statuses(tries)).toEqual(["fulfilled", "rejected"]);
  expect(await db.user.findUnique({ where: { email } })).toMatchObject({
    emailVerifiedAt: expect.any(Date),
    ...taste,
  });
});

test("an address changes only when both mailboxes have said yes, at once or one after the other", async () => {
  const { db } = database;
  const outbox = createTestOutbox();
  const user = await createSessionUser(db, { password });
  const newEmail = `new-${user.email}`;
  await requestEmailChange(db, outbox.post, user, {
    currentPassword: password,
    sessionId: null,
    newEmail,
  });
  const [old, fresh] = [
    outbox.tokenTo(user.email, "email_change_old"),
    outbox.tokenTo(newEmail, "email_change_new"),
  ];
  // The same mailbox twice is not both.
  for (let n = 0; n < 2; n += 1) {
    expect(await confirmEmailChange(db, outbox.post, fresh, visitor)).toBe("waiting");
  }
  expect(await db.user.count({ where: { email: newEmail } })).toBe(0);
  const session = await openSession(db, user.id, { userAgent: null });
  expect(await confirmEmailChange(db, outbox.post, old, visitor)).toBe("changed");
  expect(await db.user.findUnique({ where: { email: newEmail } })).toMatchObject({ id: user.id });
  expect(await findSessionUser(db, session)).toBeNull();
  expect(await db.auditEntry.findFirst({ where: { action: "email_changed" } })).toMatchObject({
    actorId: user.id,
    userAgent: "test",
  });

  const second = await createSessionUser(db, { password });
  const to = `new-${second.email}`;
  await requestEmailChange(db, outbox.post, second, {
    currentPassword: password,
    sessionId: null,
    newEmail: to,
  });
  const both = [
    outbox.tokenTo(second.email, "email_change_old"),
    outbox.tokenTo(to, "email_change_new"),
  ];
  const answers = await Promise.all(
    both.map((one) => confirmEmailChange(db, outbox.post, one, visitor)),
  );
  expect(answers.sort()).toEqual(["changed", "waiting"]);
});

test("a code and a recovery code each work once, also for two at once", async () => {
  const { db } = database;
  const outbox = createTestOutbox();
  const user = await createSessionUser(db);
  const { codeAt, recoveryCodes } = await turnFactorOn(db, outbox, user);
  for (const code of [codeAt(Date.now()), recoveryCodes[0] ?? ""]) {
    const tries = await Promise.allSettled([1, 2].map(() => checkCode(db, key, user.id, code)));
    expect(statuses(tries)).toEqual(["fulfilled", "rejected"]);
    expect(tries.find((one) => one.status === "rejected")).toMatchObject({
      reason: { key: "code_wrong" },
    });
  }
});

test("with a second factor the password alone opens no session, and guessing codes is limited", async () => {
  const { db } = database;
  const outbox = createTestOutbox();
  const user = await createSessionUser(db, { password });
  const { codeAt } = await turnFactorOn(db, outbox, user, password);
  const first = await signInWithPassword(db, { email: user.email, password }, visitor);
  if (first.kind !== "code_needed") throw new Error("a code was asked for");
  expect(await db.session.count({ where: { userId: user.id } })).toBe(0);
  const { challenge } = first;
  const enter = (code: string) => signInWithCode(db, key, { challenge, code }, visitor);
  for (let n = 0; n < accountLimits.code.max; n += 1) {
    await expect(enter("000000")).rejects.toMatchObject({ key: "code_wrong" });
  }
  await expect(enter(codeAt(Date.now()))).rejects.toMatchObject({ code: "rate_limited" });
  await db.rateLimit.deleteMany();
  expect(await enter(codeAt(Date.now()))).toMatchObject({ userId: user.id });
  await expect(enter(codeAt(Date.now()))).rejects.toMatchObject({ key: "challenge_gone" });
  // Who enters wrong codes knows the password: that is written down, once for each.
  const refused = await db.auditEntry.findMany({ where: { targetId: user.id, result: "refused" } });
  expect(refused).toHaveLength(accountLimits.code.max);
  expect(refused[0]).toMatchObject({
    action: "sign_in_refused",
    actorKind: "visitor",
    userAgent: "test",
    after: { method: "password", reason: "code_wrong" },
  });
});

test("of two Admins who delete their accounts at once one is told where they are needed", async () => {
  const { db } = database;
  const { post } = createTestOutbox();
  for (let round = 0; round < 5; round += 1) {
    const channel = await createChannel(db, { name: "Front desk" });
    const admins = await Promise.all([createSessionUser(db), createSessionUser(db)]);
    for (const { id } of admins) await createMember(db, channel.id, { userId: id });
    const proofs = await Promise.all(
      admins.map(async ({ id, email }) => ({
        ...(await freshProof(db, id)),
        confirmation: email,
      })),
    );
    const none = { currentPassword: "", sessionId: null, confirmation: "" };
    const tries = await Promise.allSettled(
      admins.map((one, index) => deleteAccount(db, post, one, proofs[index] ?? none)),
    );
    expect(statuses(tries)).toEqual(["fulfilled", "rejected"]);
    expect(tries.find((one) => one.status === "rejected")).toMatchObject({
      reason: { key: "sole_admin", values: { names: "Front desk" } },
    });
  }
});

test("the logs of the places tell that somebody left them with their account", async () => {
  const { db } = database;
  const channel = await createChannel(db);
  const user = await createSessionUser(db, { name: "Gone" });
  await createMember(db, channel.id, { userId: user.id, role: "tester" });
  await createProviderMember(db, channel.providerId, { userId: user.id, role: "member" });
  const proof = { ...(await freshProof(db, user.id)), confirmation: user.email };
  await deleteAccount(db, createTestOutbox().post, user, proof);
  const entries = await db.auditEntry.findMany({
    where: { actorId: user.id, action: "member_left" },
    orderBy: { id: "asc" },
  });
  const after = { accountDeleted: true };
  expect(entries).toMatchObject([
    { providerId: channel.providerId, before: { role: "member" }, after },
    { channelId: channel.id, before: { role: "tester" }, after },
  ]);
});
