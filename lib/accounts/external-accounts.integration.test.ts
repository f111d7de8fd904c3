import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { inviteToConsole, inviteToPlace } from "#lib/invitations/invite.ts";
import { createSessionUser, createTestOutbox } from "#testing/account-factory.ts";
import { createChannel, createMember } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import {
  type ExternalIdentity,
  linkProvider,
  signInWithProvider,
  unlinkProvider,
} from "./external-accounts.ts";
import { issueAccountToken } from "./tokens.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const taste = { locale: "ja", theme: "dark" } as const;
const outbox = createTestOutbox();
const visitor = { address: null, userAgent: "test" };
let count = 0;
const identity = (overrides: Partial<ExternalIdentity> = {}): ExternalIdentity => {
  count += 1;
  return {
    provider: "oidc",
    subject: `subject-${count}`,
    email: `external-${count}@example.com`,
    isEmailVerified: true,
    name: "Ex Ternal",
    ...overrides,
  };
};
const enter = (one: ExternalIdentity, mode: "invitation" | "operator" | "open" = "invitation") =>
  signInWithProvider(database.db, outbox.post, one, { mode, taste }, visitor);
const told = { kind: "security", change: "provider_linked", detail: "oidc" };
const linksRecordedOf = (actorId: string) =>
  database.db.auditEntry.findMany({ where: { actorId, action: "provider_linked" } });

test("an address that the provider or we have not verified links nothing", async () => {
  const { db } = database;
  const known = await createSessionUser(db);
  const claimed = identity({ email: known.email, isEmailVerified: false });
  await expect(enter(claimed, "open")).rejects.toMatchObject({ key: "provider_unverified" });
  const squatted = await createSessionUser(db, { emailVerifiedAt: null });
  await expect(enter(identity({ email: squatted.email }), "open")).rejects.toMatchObject({
    key: "provider_unverified_here",
  });
  expect(await db.externalAccount.count()).toBe(0);
  for (const [targetId, reason] of [
    [known.id, "provider_unverified"],
    [squatted.id, "provider_unverified_here"],
  ] as const) {
    const entries = await db.auditEntry.findMany({
      where: { targetId, action: "sign_in_refused" },
    });
    expect(entries).toMatchObject([{ result: "refused", after: { method: "oidc", reason } }]);
  }
});

test("verified on both sides it links, and from then on the subject counts, whatever the address says", async () => {
  const { db } = database;
  const known = await createSessionUser(db);
  const one = identity({ email: known.email });
  expect(await enter(one)).toMatchObject({ kind: "signed_in", userId: known.id });
  expect(await enter({ ...one, email: null, isEmailVerified: false })).toMatchObject({
    userId: known.id,
  });
  // Another subject with the same address: the person has an account of that provider already.
  await expect(enter({ ...one, subject: "somebody else" })).rejects.toMatchObject({
    key: "provider_taken",
  });
});

test("an account is made only where sign-up allows it", async () => {
  const { db } = database;
  const operator = await createSessionUser(db, { isOperator: true });
  const { post } = createTestOutbox();
  const stranger = identity();
  for (const mode of ["invitation", "operator"] as const) {
    await expect(enter(stranger, mode)).rejects.toMatchObject({ key: "provider_not_invited" });
  }
  // With the language and theme of the browser that it is made in.
  expect(await enter(stranger, "open")).toMatchObject({ kind: "signed_in", taste });
  const guest = identity();
  await inviteToConsole(db, post, operator, guest.email ?? "");
  expect(await enter(guest, "operator")).toMatchObject({ kind: "signed_in" });

  const [admin, channel] = [await createSessionUser(db), await createChannel(db)];
  for (const { id } of [admin, operator]) await createMember(db, channel.id, { userId: id });
  const place = { kind: "channel", id: channel.id } as const;
  const [byAdmin, byOperator] = [identity(), identity()];
  for (const [actor, one] of [
    [admin, byAdmin],
    [operator, byOperator],
  ] as const) {
    const form = { email: one.email ?? "", role: "member", signUp: "invitation" } as const;
    await inviteToPlace(db, post, actor, place, form);
  }
  await expect(enter(byAdmin, "operator")).rejects.toMatchObject({ key: "provider_not_invited" });
  expect(await enter(byOperator, "operator")).toMatchObject({ kind: "signed_in" });
  expect(await enter(byAdmin, "invitation")).toMatchObject({ kind: "signed_in" });
});

test("a new account has the name that the provider gives, or the address where that is none", async () => {
  const nameOf = async (name: string | null) => {
    const one = identity({ name });
    const result = await enter(one, "open");
    if (result.kind !== "signed_in") throw new Error("no second factor was set");
    const user = await database.db.user.findUnique({ where: { id: result.userId } });
    return user?.name === one.email ? "the address" : user?.name;
  };
  expect(await nameOf(null)).toBe("the address");
  expect(await nameOf(" \u200b")).toBe("the address");
  expect(await nameOf(" Sora\nSSO ")).toBe("Sora SSO");
  expect(await nameOf(`${"x".repeat(59)}😀`)).toBe("x".repeat(59));
});

test("linking takes the token that the signed-in person's browser was given, once and for that provider", async () => {
  const { db } = database;
  const [user, other] = await Promise.all([createSessionUser(db), createSessionUser(db)]);
  const { post, mails } = createTestOutbox();
  const token = await issueAccountToken(db, "link_provider", { userId: user.id, detail: "oidc" });
  const lost = { key: "link_lost" };
  await expect(linkProvider(db, post, other, identity(), token)).rejects.toMatchObject(lost);
  await expect(
    linkProvider(db, post, user, identity({ provider: "github" }), token),
  ).rejects.toMatchObject(lost);
  const mine = identity();
  await linkProvider(db, post, user, mine, token);
  await expect(linkProvider(db, post, user, identity(), token)).rejects.toMatchObject(lost);
  const theirs = await issueAccountToken(db, "link_provider", { userId: other.id, detail: "oidc" });
  await expect(linkProvider(db, post, other, mine, theirs)).rejects.toMatchObject({
    key: "provider_taken",
  });
  await expect(unlinkProvider(db, post, user, "oidc")).rejects.toMatchObject({
    key: "last_way_in",
  });
  // Only what came about is told.
  expect(mails).toMatchObject([{ to: user.email, ...told }]);
  expect(await linksRecordedOf(user.id)).toMatchObject([{ after: { provider: "oidc" } }]);
  expect(await linksRecordedOf(other.id)).toEqual([]);
});

test("a first sign-in that links by the address is told and written down once, also of two at once", async () => {
  const { db } = database;
  for (let round = 0; round < 5; round += 1) {
    const known = await createSessionUser(db);
    const one = identity({ email: known.email });
    const entered = await Promise.all([enter(one), enter(one)]);
    expect(entered).toMatchObject([{ userId: known.id }, { userId: known.id }]);
    await enter(one);
    expect(outbox.mails.filter(({ to }) => to === known.email)).toMatchObject([told]);
    expect(await linksRecordedOf(known.id)).toMatchObject([
      { actorName: known.name, userAgent: visitor.userAgent, after: { provider: "oidc" } },
    ]);
  }
});

test("when the mail cannot be written there is no link either", async () => {
  const { db } = database;
  const known = await createSessionUser(db);
  const fail = () => Promise.reject(new Error("no outbox"));
  const one = identity({ email: known.email });
  const rule = { mode: "open", taste } as const;
  await expect(signInWithProvider(db, fail, one, rule, visitor)).rejects.toThrow("no outbox");
  expect(await db.externalAccount.count({ where: { userId: known.id } })).toBe(0);
  expect(await linksRecordedOf(known.id)).toEqual([]);
});

test("a disabled account is not entered by a provider", async () => {
  const { db } = database;
  const known = await createSessionUser(db);
  const one = identity({ email: known.email });
  await enter(one);
  await db.user.update({ where: { id: known.id }, data: { disabledAt: new Date() } });
  await expect(enter(one)).rejects.toMatchObject({ key: "provider_disabled" });
});
