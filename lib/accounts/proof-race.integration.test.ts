import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import type { PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { saveOwnQuietHours } from "#lib/notifications/save-quiet-hours.ts";
import { proposedHours } from "#lib/quiet-hours/schema.ts";
import { createSessionUser, createTestOutbox, turnFactorOn } from "#testing/account-factory.ts";
import { hashCheaply, testEncryptionKey as key } from "#testing/factories.ts";
import { raceHeld } from "#testing/race-held.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { cancelEmailChange, requestEmailChange } from "./change-email.ts";
import { changePassword } from "./change-password.ts";
import { signInWithPassword } from "./commands.ts";
import { deleteAccount } from "./delete-account.ts";
import { editProfile, endOneSession, endOtherSessions } from "./edit-profile.ts";
import {
  beginLinking,
  type ExternalIdentity,
  linkProvider,
  signInWithProvider,
  unlinkProvider,
} from "./external-accounts.ts";
import { proveAgain } from "./recent-proof.ts";
import type { SessionUser } from "./schema.ts";
import {
  confirmSecondFactor,
  findSecondFactor,
  offerSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  withdrawSecondFactor,
} from "./second-factor.ts";
import { sessionKey } from "./session-key.ts";
import { openSession } from "./sessions.ts";
import { sendVerification } from "./verify-email.ts";

// A proof is worth something against the row that it was given for: what waits while the owner sets a new password by the
// link of a mail does not undo that.

let database: Database;
let passwordHash: string;
let otherHash: string;
beforeAll(async () => {
  database = await createTestDatabase();
  [passwordHash, otherHash] = await Promise.all([
    hashCheaply(password),
    hashCheaply("another one"),
  ]);
});
afterAll(() => database.close());

const password = "a long enough password";
const visitor = { address: null, userAgent: "test" };
const taste = { locale: "en", theme: "system" } as const;
const outbox = createTestOutbox();
const { post } = outbox;

/** Somebody at a session that has just begun, who knows the password. */
async function createWorld() {
  const { db } = database;
  const user = await createSessionUser(db, { passwordHash });
  const sessionId = await openSession(db, user.id, { userAgent: null });
  const actor: SessionUser = { ...user, session: sessionKey(sessionId) };
  return { db, actor, sessionId, proof: { currentPassword: password, sessionId } };
}
type World = Awaited<ReturnType<typeof createWorld>>;

const identity = (): ExternalIdentity => ({
  ...{ provider: "github", subject: randomBytes(5).toString("hex") },
  ...{ email: null, isEmailVerified: false, name: "octo" },
});

/** A code of the person's app now, whether the second factor is confirmed or waits. */
async function offered({ db, actor, proof }: World): Promise<string> {
  await offerSecondFactor(db, key, actor, proof);
  const { offer } = await findSecondFactor(db, key, actor);
  const secret = Secret.fromBase32(offer?.key ?? "");
  return new TOTP({ secret, period: 30, digits: 6 }).generate();
}

async function withFactor(world: World): Promise<string> {
  const { codeAt } = await turnFactorOn(world.db, outbox, world.actor, password);
  // Turning it on ended every session.
  world.sessionId = await openSession(world.db, world.actor.id, { userAgent: null });
  world.actor.session = sessionKey(world.sessionId);
  return codeAt(Date.now());
}

type Ready = (world: World) => Promise<() => Promise<unknown>>;
const rows: Record<string, Ready> = {
  "another password": async ({ db, actor, proof }) => {
    return () => changePassword(db, post, actor, { ...proof, password: "the thief's password" });
  },
  "another address": async ({ db, actor, proof }) => {
    const form = { ...proof, newEmail: `thief-${actor.email}` };
    return () => requestEmailChange(db, post, actor, form);
  },
  "no change of address": async ({ db, actor, proof }) => {
    await requestEmailChange(db, post, actor, { ...proof, newEmail: `thief-${actor.email}` });
    return () => cancelEmailChange(db, actor);
  },
  "the end of the account": async ({ db, actor, proof }) => {
    return () => deleteAccount(db, post, actor, { ...proof, confirmation: "" });
  },
  "a second factor to set up": async ({ db, actor, proof }) => {
    return () => offerSecondFactor(db, key, actor, proof);
  },
  "no second factor to set up": async (world) => {
    await offered(world);
    return () => withdrawSecondFactor(world.db, world.actor);
  },
  "a second factor": async (world) => {
    const { db, actor, sessionId } = world;
    const code = await offered(world);
    return () => confirmSecondFactor(db, post, key, actor, { code, sessionId });
  },
  "no second factor": async (world) => {
    const code = await withFactor(world);
    return () => removeSecondFactor(world.db, post, key, world.actor, code);
  },
  "recovery codes": async (world) => {
    const code = await withFactor(world);
    return () => renewRecoveryCodes(world.db, post, key, world.actor, code);
  },
  "proof for secrets": async ({ db, actor, proof }) => {
    return () => proveAgain(db, actor, proof);
  },
  "a provider to link": async ({ db, actor, sessionId }) => {
    return () => beginLinking(db, actor, "github", sessionId);
  },
  "a linked provider": async ({ db, actor, sessionId }) => {
    const token = await beginLinking(db, actor, "github", sessionId);
    return () => linkProvider(db, post, actor, identity(), token);
  },
  "no linked provider": async ({ db, actor, sessionId }) => {
    const token = await beginLinking(db, actor, "github", sessionId);
    await linkProvider(db, post, actor, identity(), token);
    return () => unlinkProvider(db, post, actor, "github");
  },
  "another name": async ({ db, actor }) => {
    return () => editProfile(db, actor, { name: "Thief" });
  },
  "quiet hours": async ({ db, actor }) => {
    return () => saveOwnQuietHours(db, actor, proposedHours);
  },
  "the end of the other sessions": async ({ db, actor, sessionId }) => {
    return () => endOtherSessions(db, actor, sessionId);
  },
  "the end of one session": async ({ db, actor }) => {
    const other = await openSession(db, actor.id, { userAgent: null });
    return () => endOneSession(db, actor, sessionKey(other));
  },
  "a link that verifies the address": async ({ db, actor }) => {
    await db.user.update({ where: { id: actor.id }, data: { emailVerifiedAt: null } });
    return () => sendVerification(db, post, actor);
  },
  "a session by the password": async ({ db, actor }) => {
    return () => signInWithPassword(db, { email: actor.email, password }, visitor);
  },
};

/** What a new password by the link of a mail changes, as far as it decides about what waits. */
const reset = async (client: PoolClient, { id }: SessionUser): Promise<void> => {
  await client.query("update users set password_hash = $2 where id = $1", [id, otherHash]);
  await client.query("delete from sessions where user_id = $1", [id]);
};
/** Somebody who has the mailbox of one without a password. */
const signOutElsewhere = async (client: PoolClient, { id }: SessionUser): Promise<void> => {
  await client.query("select from users where id = $1 for no key update", [id]);
  await client.query("delete from sessions where user_id = $1", [id]);
};
const lockOut = async (client: PoolClient, { id }: SessionUser): Promise<void> => {
  await client.query("update users set disabled_at = now() where id = $1", [id]);
};

const untouchedBy = (name: string, how: string) =>
  name === "a session by the password" && how === "the session is ended elsewhere";

for (const [how, meanwhile] of [
  ["the owner sets a new password", reset],
  ["the session is ended elsewhere", signOutElsewhere],
  ["the account is disabled", lockOut],
] as const) {
  test(`what somebody at a session asks for is refused when ${how} while it waits, whatever it is`, async () => {
    const wrong: string[] = [];
    for (const [name, ready] of Object.entries(rows)) {
      if (untouchedBy(name, how)) continue;
      const world = await createWorld();
      const work = await ready(world);
      const outcome = await raceHeld(database, (client) => meanwhile(client, world.actor), work);
      if (outcome === "done" || outcome.includes("Error")) wrong.push(`${name}: ${outcome}`);
    }
    expect(wrong).toEqual([]);
  });
}

test("what nobody meddles with meanwhile is done, so that it is the meddling that is refused", async () => {
  const wrong: string[] = [];
  for (const [name, ready] of Object.entries(rows)) {
    const world = await createWorld();
    const work = await ready(world);
    const hold = (client: PoolClient) =>
      client.query("select from users where id = $1 for no key update", [world.actor.id]);
    const outcome = await raceHeld(database, hold, work);
    if (outcome !== "done") wrong.push(`${name}: ${outcome}`);
  }
  expect(wrong).toEqual([]);
});

test("who comes back from a provider that is unlinked meanwhile gets no session", async () => {
  const { db, actor, sessionId } = await createWorld();
  const known = identity();
  const token = await beginLinking(db, actor, "github", sessionId);
  await linkProvider(db, post, actor, known, token);
  const before = await db.session.count({ where: { userId: actor.id } });
  const outcome = await raceHeld(
    database,
    async (client) => {
      await client.query("select from users where id = $1 for no key update", [actor.id]);
      await client.query("delete from external_accounts where user_id = $1", [actor.id]);
    },
    () => signInWithProvider(db, post, known, { mode: "open", taste }, visitor),
  );
  expect(outcome).toBe("unauthenticated");
  expect(await db.session.count({ where: { userId: actor.id } })).toBe(before);
});
