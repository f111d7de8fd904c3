import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createSessionUser, createTestOutbox, turnFactorOn } from "#testing/account-factory.ts";
import { hashCheaply, testEncryptionKey as key } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { confirmEmailChange, requestEmailChange } from "./change-email.ts";
import { changePassword } from "./change-password.ts";
import { signInWithPassword } from "./commands.ts";
import { beginLinking, linkProvider, signInWithProvider } from "./external-accounts.ts";
import { proveAgain } from "./recent-proof.ts";
import { resetPassword, sendResetLink } from "./reset-password.ts";
import type { SessionUser } from "./schema.ts";
import { findSecondFactor, offerSecondFactor } from "./second-factor.ts";
import { sessionKey } from "./session-key.ts";
import { findSessionUser, openSession } from "./sessions.ts";

// A new password by the link of a mail puts whoever else got into the account out of it, and says what became of it.

let database: Database;
let passwordHash: string;
beforeAll(async () => {
  database = await createTestDatabase();
  passwordHash = await hashCheaply(password);
});
afterAll(() => database.close());

const password = "a long enough password";
const another = "another long password";
const visitor = { address: null, userAgent: "test" };
const taste = { locale: "en", theme: "system" } as const;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** A person with a session of theirs that somebody else sits at; it began `minutes` ago. */
async function createWorld(minutes = 0) {
  const { db } = database;
  const outbox = createTestOutbox();
  const user = await createSessionUser(db, { passwordHash });
  const now = minutesAgo(minutes);
  const sessionId = await openSession(db, user.id, { userAgent: null, now });
  const actor: SessionUser = { ...user, session: sessionKey(sessionId) };
  return { db, outbox, actor, sessionId, proof: { currentPassword: password, sessionId } };
}
type World = Awaited<ReturnType<typeof createWorld>>;

async function reset({ db, outbox, actor }: World) {
  await sendResetLink(db, outbox.post, actor.email, visitor);
  const token = outbox.tokenTo(actor.email, "reset_password");
  const outcome = await resetPassword(db, outbox.post, { token, password: another }, visitor);
  // The mail and the page tell the same.
  expect(outbox.mails.at(-1)).toMatchObject({ change: "password_changed", ...outcome });
  return outcome;
}

const identity = (provider: "github" | "google" = "github") => ({
  ...{ provider, subject: randomBytes(5).toString("hex") },
  ...{ email: null, isEmailVerified: false, name: "octo" },
});

async function link({ db, outbox, actor, sessionId }: World, one: ReturnType<typeof identity>) {
  const token = await beginLinking(db, actor, one.provider, sessionId);
  await linkProvider(db, outbox.post, actor, one, token);
}

const enter = ({ db, outbox }: World, one: ReturnType<typeof identity>) =>
  signInWithProvider(db, outbox.post, one, { mode: "open", taste }, visitor).then(
    ({ kind }) => kind,
    (error) => error.key,
  );

test("a change of the address that was begun before comes to nothing", async () => {
  const world = await createWorld();
  const { db, outbox, actor, proof } = world;
  const newEmail = `thief-${actor.email}`;
  await requestEmailChange(db, outbox.post, actor, { ...proof, newEmail });
  const tokens = [
    outbox.tokenTo(actor.email, "email_change_old"),
    outbox.tokenTo(newEmail, "email_change_new"),
  ];
  await confirmEmailChange(db, outbox.post, tokens[0] ?? "", visitor);
  const { ended } = await reset(world);
  expect(ended).toEqual([{ what: "email_change", detail: newEmail }]);
  for (const token of tokens) {
    await expect(confirmEmailChange(db, outbox.post, token, visitor)).rejects.toMatchObject({
      key: "link_gone",
    });
  }
  expect(await db.user.count({ where: { email: newEmail } })).toBe(0);
  const entry = await db.auditEntry.findFirst({
    where: { actorId: actor.id, action: "password_changed" },
  });
  expect(entry?.after).toEqual({ reset: true, ended: ["email_change"] });
});

test("a second factor that waits for its first code is gone, and one that is on stays and is told", async () => {
  const world = await createWorld();
  const { db, actor, proof } = world;
  await offerSecondFactor(db, key, actor, proof);
  expect(await reset(world)).toEqual({
    ended: [{ what: "second_factor_offer", detail: null }],
    kept: [],
  });
  expect((await findSecondFactor(db, key, actor)).offer).toBeNull();

  const other = await createWorld();
  await turnFactorOn(db, other.outbox, other.actor, password);
  expect(await reset(other)).toEqual({ ended: [], kept: [{ what: "second_factor" }] });
  const form = { email: other.actor.email, password: another };
  expect(await signInWithPassword(db, form, visitor)).toMatchObject({ kind: "code_needed" });
});

test("sign-ins and links under way are gone, and so is every session", async () => {
  const world = await createWorld();
  const { db, outbox, actor, sessionId } = world;
  const token = await beginLinking(db, actor, "github", sessionId);
  expect(await reset(world)).toEqual({ ended: [{ what: "link_begun", detail: null }], kept: [] });
  expect(await findSessionUser(db, sessionId)).toBeNull();
  const outside = { ...actor, session: null };
  await expect(linkProvider(db, outbox.post, outside, identity(), token)).rejects.toMatchObject({
    key: "link_lost",
  });

  const waiting = await createWorld();
  await turnFactorOn(db, waiting.outbox, waiting.actor, password);
  await signInWithPassword(db, { email: waiting.actor.email, password }, visitor);
  expect((await reset(waiting)).ended).toEqual([{ what: "sign_in_begun", detail: null }]);
});

test("what was linked on the strength of an open session alone leads in no longer, and is told", async () => {
  const world = await createWorld(30);
  const theirs = identity();
  await link(world, theirs);
  expect(await enter(world, theirs)).toBe("signed_in");
  expect(await reset(world)).toEqual({ ended: [{ what: "provider", detail: "github" }], kept: [] });
  expect(await enter(world, theirs)).toBe("provider_unverified");
});

test("what was linked after the password was typed for it, or before it was typed since, stays and is told", async () => {
  const kept = [{ what: "provider", detail: "github" }];
  const typed = await createWorld(300);
  await proveAgain(typed.db, typed.actor, typed.proof);
  const own = identity();
  await link(typed, own);
  expect(await reset(typed)).toEqual({ ended: [], kept });
  expect(await enter(typed, own)).toBe("signed_in");

  const since = await createWorld(30);
  await link(since, identity());
  await signInWithPassword(since.db, { email: since.actor.email, password }, visitor);
  expect(await reset(since)).toEqual({ ended: [], kept });

  // Signing in by what was linked says nothing for it.
  const circular = await createWorld(30);
  const theirs = identity();
  await link(circular, theirs);
  await enter(circular, theirs);
  expect(await reset(circular)).toEqual({ ended: kept, kept: [] });
});

test("the provider with which an account was made, or whose checked address linked it, stays", async () => {
  const world = await createWorld();
  const { db, outbox } = world;
  const rule = { mode: "open", taste } as const;
  const made = { ...identity(), email: `made-${world.actor.email}`, isEmailVerified: true };
  await signInWithProvider(db, outbox.post, made, rule, visitor);
  const known = { ...identity("google"), email: world.actor.email, isEmailVerified: true };
  await signInWithProvider(db, outbox.post, known, rule, visitor);
  const owner: SessionUser = { ...world.actor, email: made.email };
  expect((await reset({ ...world, actor: owner })).kept).toEqual([
    { what: "provider", detail: "github" },
  ]);
  expect((await reset(world)).kept).toEqual([{ what: "provider", detail: "google" }]);
});

test("a password that is changed on the page ends what was begun, too, and leaves what is linked", async () => {
  const world = await createWorld(30);
  const { db, outbox, actor, proof } = world;
  const newEmail = `thief-${actor.email}`;
  await requestEmailChange(db, outbox.post, actor, { ...proof, newEmail });
  await link(world, identity());
  await changePassword(db, outbox.post, actor, { ...proof, password: another });
  expect(outbox.mails.at(-1)).toMatchObject({
    ended: [{ what: "email_change", detail: newEmail }],
    kept: [{ what: "provider", detail: "github" }],
  });
});

test("from a session that proved itself more than an hour ago nothing is linked, and no factor turned on", async () => {
  const world = await createWorld(300);
  const { db, outbox, actor, sessionId } = world;
  const refused = { code: "forbidden", key: "prove_again" };
  await expect(beginLinking(db, actor, "github", sessionId)).rejects.toMatchObject(refused);
  const young = await createWorld();
  const token = await beginLinking(db, young.actor, "github", young.sessionId);
  await db.session.updateMany({
    where: { userId: young.actor.id },
    data: { provedAt: minutesAgo(61) },
  });
  await expect(linkProvider(db, outbox.post, young.actor, identity(), token)).rejects.toMatchObject(
    refused,
  );
  await proveAgain(db, actor, world.proof);
  await link(world, identity());
});
