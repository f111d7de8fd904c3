import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { removeMembers } from "#lib/members/commands.ts";
import { findRole } from "#lib/members/place.ts";
import { createSessionUser, createTestOutbox, type TestOutbox } from "#testing/account-factory.ts";
import { createChannel, createMember } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptInvitation, acceptWithNewAccount } from "./accept.ts";
import { askInviter } from "./ask-inviter.ts";
import { inviteToConsole, inviteToPlace } from "./invite.ts";
import { cancelInvitation, sendInvitationAgain } from "./manage.ts";
import { findInvitation, listInvitations } from "./queries.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const visitor = { address: null, userAgent: "test" };
const newAccount = (token: string) => ({
  token,
  name: "Fresh",
  password: "a long enough password",
  locale: "en" as const,
  theme: "system" as const,
  signUp: "invitation" as const,
});

async function invited(email?: string) {
  const { db } = database;
  const outbox: TestOutbox = createTestOutbox();
  const [admin, guest, channel] = await Promise.all([
    createSessionUser(db),
    createSessionUser(db),
    createChannel(db),
  ]);
  await createMember(db, channel.id, { userId: admin.id });
  const place = { kind: "channel", id: channel.id } as const;
  const to = email ?? guest.email;
  const invite = (role: "member" | "tester" = "member") =>
    inviteToPlace(db, outbox.post, admin, place, { email: to, role, signUp: "invitation" });
  await invite();
  const [pending] = await listInvitations(db, place);
  return { db, outbox, admin, guest, place, to, invite, id: pending?.id ?? "" };
}

test("of two who accept one invitation at once exactly one wins", async () => {
  const email = "twice@example.com";
  const { db, outbox, place } = await invited(email);
  const token = outbox.tokenTo(email);
  const tries = await Promise.allSettled(
    [1, 2].map(() => acceptWithNewAccount(db, newAccount(token), visitor)),
  );
  expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await db.user.count({ where: { email } })).toBe(1);
  expect(await db.channelMember.count({ where: { channelId: place.id } })).toBe(2);
  expect(await findInvitation(db, token, "invitation")).toMatchObject({ state: "accepted" });
});

test("of two invitations of one address at once exactly one is made", async () => {
  const { db, invite, place, admin, id } = await invited();
  await cancelInvitation(db, admin, place, id);
  const tries = await Promise.allSettled([invite("member"), invite("tester")]);
  expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(tries.find((one) => one.status === "rejected")).toMatchObject({
    reason: { key: "invited_already", details: [{ property: "email" }] },
  });
  expect(await listInvitations(db, place)).toHaveLength(1);
});

test("the link is of no use to an account with another address, and stays good for the invited one", async () => {
  const { db, outbox, guest, place, to } = await invited();
  const stranger = await createSessionUser(db);
  await expect(acceptInvitation(db, stranger, outbox.tokenTo(to))).rejects.toMatchObject({
    code: "forbidden",
    key: "invitation_other_address",
  });
  expect(await findRole(db, place, stranger.id)).toBeNull();
  await acceptInvitation(db, guest, outbox.tokenTo(to));
  expect(await findRole(db, place, guest.id)).toBe("member");
});

test("sent again, only the newest link works; cancelled or too old, none does", async () => {
  const { db, outbox, admin, guest, place, to, id } = await invited();
  const first = outbox.tokenTo(to);
  await sendInvitationAgain(db, outbox.post, admin, place, id);
  const second = outbox.tokenTo(to);
  expect(await findInvitation(db, first, "invitation")).toBeNull();
  await expect(acceptInvitation(db, guest, first)).rejects.toMatchObject({ code: "conflict" });

  await db.invitation.updateMany({ where: { id }, data: { expiresAt: new Date(0) } });
  expect(await findInvitation(db, second, "invitation")).toMatchObject({ state: "expired" });
  await expect(acceptInvitation(db, guest, second)).rejects.toMatchObject({ code: "conflict" });
  await sendInvitationAgain(db, outbox.post, admin, place, id);
  await cancelInvitation(db, admin, place, id);
  expect(await findInvitation(db, outbox.tokenTo(to), "invitation")).toBeNull();
  await expect(acceptInvitation(db, guest, outbox.tokenTo(to))).rejects.toMatchObject({
    key: "invitation_used",
  });
  expect(await findRole(db, place, guest.id)).toBeNull();
});

test("who has a role by now keeps it, and who is no Admin invites nobody", async () => {
  const { db, outbox, guest, place, to } = await invited();
  await createMember(db, place.id, { userId: guest.id, role: "tester" });
  await acceptInvitation(db, guest, outbox.tokenTo(to));
  expect(await findRole(db, place, guest.id)).toBe("tester");
  // What the log says is what they have, not what they were offered.
  const where = { channelId: place.id, action: "invitation_accepted" };
  expect(await db.auditEntry.findFirst({ where })).toMatchObject({ after: { role: "tester" } });
  const form = { email: "x@example.com", role: "admin", signUp: "open" } as const;
  await expect(inviteToPlace(db, outbox.post, guest, place, form)).rejects.toMatchObject({
    code: "forbidden",
  });
});

test("where the inviter may invite nobody any more, the Admins that are left are asked", async () => {
  const { db, outbox, admin, place, to } = await invited();
  const asking = await createSessionUser(db);
  const ask = () => askInviter(db, outbox.post, asking, outbox.tokenTo(to, "invitation"));
  const asked = () =>
    outbox.mails.filter(({ kind }) => kind === "invitation_asked").map((mail) => mail.to);
  await ask();
  expect(asked()).toEqual([admin.email]);

  const heir = await createSessionUser(db);
  await createMember(db, place.id, { userId: heir.id });
  await db.channelMember.deleteMany({ where: { channelId: place.id, userId: admin.id } });
  await ask();
  expect(asked()).toEqual([admin.email, heir.email]);

  await db.user.update({ where: { id: heir.id }, data: { disabledAt: new Date() } });
  await expect(ask()).rejects.toMatchObject({ key: "inviter_gone" });
});

test("of two operators who invite one address to the console at once one is refused", async () => {
  const { db } = database;
  const { post } = createTestOutbox();
  for (let round = 0; round < 5; round += 1) {
    const email = `console-${round}@example.com`;
    const operators = await Promise.all(
      [1, 2].map(() => createSessionUser(db, { isOperator: true })),
    );
    const tries = await Promise.allSettled(
      operators.map((operator) => inviteToConsole(db, post, operator, email)),
    );
    expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  }
});

test("the table of invitations does not hold what the link carries", async () => {
  const { db, outbox, to, id } = await invited();
  const row = await db.invitation.findUniqueOrThrow({ where: { id } });
  expect(Buffer.from(row.tokenHash).includes(Buffer.from(outbox.tokenTo(to)))).toBe(false);
});

test("where operators alone make accounts, an Admin's invitation gives a role to who has one, and an operator's makes one", async () => {
  const email = "by-operator@example.com";
  const { db, outbox, guest, place, to } = await invited();
  await acceptInvitation(db, guest, outbox.tokenTo(to));

  const { outbox: unknown } = await invited(email);
  const token = unknown.tokenTo(email);
  expect(await findInvitation(db, token, "operator")).toMatchObject({ makesAccount: false });
  expect(await findInvitation(db, token, "invitation")).toMatchObject({ makesAccount: true });
  const asNew = { ...newAccount(token), signUp: "operator" as const };
  await expect(acceptWithNewAccount(db, asNew, visitor)).rejects.toMatchObject({
    code: "forbidden",
    key: "account_by_operator",
  });
  expect(await db.user.count({ where: { email } })).toBe(0);

  const operator = await createSessionUser(db, { isOperator: true });
  await createMember(db, place.id, { userId: operator.id });
  const other = "of-operator@example.com";
  const form = { email: other, role: "member", signUp: "operator" } as const;
  await inviteToPlace(db, outbox.post, operator, place, form);
  const good = outbox.tokenTo(other);
  expect(await findInvitation(db, good, "operator")).toMatchObject({ makesAccount: true });
  await acceptWithNewAccount(db, { ...asNew, token: good }, visitor);
  expect(await db.user.count({ where: { email: other } })).toBe(1);
});

test("the list tells which invitations are of somebody who could not invite any more", async () => {
  const { db, admin, place } = await invited();
  const other = await createSessionUser(db);
  await createMember(db, place.id, { userId: other.id });
  const isInCharge = async () =>
    (await listInvitations(db, place)).map(({ isInviterInCharge }) => isInviterInCharge);
  expect(await isInCharge()).toEqual([true]);
  await removeMembers(db, other, place, [admin.id]);
  expect(await isInCharge()).toEqual([false]);
  // An operator may invite to any provider, and to no channel.
  await db.user.update({ where: { id: admin.id }, data: { isOperator: true } });
  expect(await isInCharge()).toEqual([false]);
});
