// What tests of accounts need: an outbox that only remembers, and the authenticator app of a person.
import { Secret, TOTP } from "otpauth";
import type { AccountMail, PostAccountMail } from "#lib/accounts/mail.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import {
  confirmSecondFactor,
  findSecondFactor,
  offerSecondFactor,
} from "#lib/accounts/second-factor.ts";
import { hashSecret } from "#lib/accounts/secrets.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { createUser, testEncryptionKey } from "./factories.ts";

export type TestOutbox = {
  mails: AccountMail[];
  post: PostAccountMail;
  /** What the link of the newest mail to an address (of a kind) carries. */
  tokenTo: (email: string, kind?: AccountMail["kind"]) => string;
};

export function createTestOutbox(): TestOutbox {
  const mails: AccountMail[] = [];
  return {
    mails,
    post: async (_tx, mail) => {
      mails.push(mail);
    },
    tokenTo: (email, kind) => {
      const mail = mails.findLast((one) => one.to === email && (kind ?? one.kind) === one.kind);
      if (mail === undefined) throw new Error(`No such mail to ${email}`);
      return mail.path.split("/").at(-1) ?? "";
    },
  };
}

/** A person as commands take who is signed in. */
export async function createSessionUser(
  db: TransactionalDb,
  overrides: Parameters<typeof createUser>[1] = {},
): Promise<SessionUser> {
  const { id, email, name, isOperator, timeZone, theme } = await createUser(db, overrides);
  return {
    kind: "user",
    id,
    email,
    name,
    isOperator,
    locale: "en",
    timeZone,
    theme,
    isEmailVerified: true,
    from: null,
    session: null,
  };
}

/** What a person without a password shows who has just signed in. */
export async function freshProof(db: TransactionalDb, userId: string) {
  return { currentPassword: "", sessionId: await openSession(db, userId, { userAgent: null }) };
}

/** Turns a person's second factor on; `codeAt` is what their app shows at a time. */
export async function turnFactorOn(
  db: TransactionalDb,
  outbox: TestOutbox,
  user: SessionUser,
  currentPassword = "",
): Promise<{ recoveryCodes: string[]; codeAt: (at: number) => string }> {
  const proof = { ...(await freshProof(db, user.id)), currentPassword };
  await offerSecondFactor(db, testEncryptionKey, user, proof);
  await db.session.deleteMany({ where: { idHash: hashSecret(proof.sessionId) } });
  const { offer } = await findSecondFactor(db, testEncryptionKey, user);
  if (offer === null) throw new Error("a second factor was offered");
  const app = new TOTP({ secret: Secret.fromBase32(offer.key), period: 30, digits: 6 });
  const codeAt = (at: number) => app.generate({ timestamp: at });
  const { recoveryCodes } = await confirmSecondFactor(db, outbox.post, testEncryptionKey, user, {
    code: codeAt(Date.now()),
    sessionId: null,
  });
  // The code of the present is used up by that; tests may use it again.
  await db.secondFactor.updateMany({ where: { userId: user.id }, data: { lastStep: 0 } });
  return { recoveryCodes, codeAt };
}
