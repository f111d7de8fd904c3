import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { inviteToConsole } from "#lib/invitations/invite.ts";
import { createSessionUser, createTestOutbox } from "#prisma/account-factory.ts";
import { createTestDatabase } from "#prisma/test-database.ts";
import {
  type ExternalIdentity,
  linkProvider,
  signInWithProvider,
  unlinkProvider,
} from "./external-accounts.ts";
import { issueToken } from "./tokens.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

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
  signInWithProvider(database.db, one, { mode, locale: "en" }, visitor);

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
  expect(await enter(stranger, "open")).toMatchObject({ kind: "signed_in" });
  const guest = identity();
  await inviteToConsole(db, post, operator, guest.email ?? "");
  expect(await enter(guest, "operator")).toMatchObject({ kind: "signed_in" });
});

test("linking takes the token that the signed-in person's browser was given, once and for that provider", async () => {
  const { db } = database;
  const [user, other] = await Promise.all([createSessionUser(db), createSessionUser(db)]);
  const token = await issueToken(db, "link_provider", { userId: user.id, detail: "oidc" });
  const lost = { key: "link_lost" };
  await expect(linkProvider(db, other, identity(), token)).rejects.toMatchObject(lost);
  await expect(
    linkProvider(db, user, identity({ provider: "github" }), token),
  ).rejects.toMatchObject(lost);
  const mine = identity();
  await linkProvider(db, user, mine, token);
  await expect(linkProvider(db, user, identity(), token)).rejects.toMatchObject(lost);
  const theirs = await issueToken(db, "link_provider", { userId: other.id, detail: "oidc" });
  await expect(linkProvider(db, other, mine, theirs)).rejects.toMatchObject({
    key: "provider_taken",
  });
  const { post } = createTestOutbox();
  await expect(unlinkProvider(db, post, user, "oidc")).rejects.toMatchObject({
    key: "last_way_in",
  });
});

test("a disabled account is not entered by a provider", async () => {
  const { db } = database;
  const known = await createSessionUser(db);
  const one = identity({ email: known.email });
  await enter(one);
  await db.user.update({ where: { id: known.id }, data: { disabledAt: new Date() } });
  await expect(enter(one)).rejects.toMatchObject({ key: "provider_disabled" });
});
