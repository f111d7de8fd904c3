import { Secret, TOTP } from "otpauth";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { forgetTries, takeTry } from "#lib/limits/rate-limit.ts";
import { seal, unseal } from "#lib/sealing.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { tellSecurityChange } from "./addressee.ts";
import { confirmPerson, holdConfirmed, type Proof } from "./confirm-person.ts";
import { holdPerson } from "./hold-actor.ts";
import { accountLimits } from "./limits.ts";
import type { PostAccountMail } from "./mail.ts";
import { requireProof } from "./recent-proof.ts";
import { replaceRecoveryCodes, takeRecoveryCode } from "./recovery-codes.ts";
import { closeAllSessions } from "./sessions.ts";
import { endSignInsUnderWay } from "./tokens.ts";

type Person = Extract<Actor, { kind: "user" }>;

const periodSeconds = 30;
/** Codes of the step before and after are taken too: clocks differ, and people type slowly (RFC 6238, 5.2). */
const window = 1;

const placeOf = (userId: string) => `second_factors.sealed_secret.${userId}`;

function generatorOf(secret: Secret, label = ""): TOTP {
  return new TOTP({ issuer: "Tocsin", label, secret, period: periodSeconds, digits: 6 });
}

/** What the set-up page shows: a text for the QR code, and the same secret for typing. */
export type SecondFactorOffer = { uri: string; key: string };

/**
 * Makes a secret for a person to put into an authenticator app. Nothing is asked for at sign-in until it is confirmed.
 * @throws AppError as confirmPerson and holdConfirmed; conflict when a second factor is on.
 */
export async function offerSecondFactor(
  db: TransactionalDb,
  encryptionKey: Buffer,
  actor: Person,
  proof: Proof,
): Promise<void> {
  const confirmed = await confirmPerson(db, actor.id, proof);
  const sealedSecret = seal(encryptionKey, placeOf(actor.id), new Secret({ size: 20 }).base32);
  await db.$transaction(async (tx) => {
    await holdConfirmed(tx, actor, proof, confirmed);
    await tx.secondFactor.deleteMany({ where: { userId: actor.id, confirmedAt: null } });
    const { count } = await tx.secondFactor.createMany({
      data: { userId: actor.id, sealedSecret },
      skipDuplicates: true,
    });
    if (count === 0) throw alreadyOn();
  });
}

/** The offer that waits for its first code, and whether a second factor is on. */
export async function findSecondFactor(
  db: Db,
  encryptionKey: Buffer,
  person: { id: string; email: string },
): Promise<{ isOn: boolean; offer: SecondFactorOffer | null; codesLeft: number }> {
  const [row, codesLeft] = await Promise.all([
    db.secondFactor.findUnique({
      where: { userId: person.id },
      select: { sealedSecret: true, confirmedAt: true },
    }),
    db.recoveryCode.count({ where: { userId: person.id, usedAt: null } }),
  ]);
  if (row === null) return { isOn: false, offer: null, codesLeft: 0 };
  if (row.confirmedAt !== null) return { isOn: true, offer: null, codesLeft };
  const key = unseal(encryptionKey, placeOf(person.id), row.sealedSecret);
  const uri = generatorOf(Secret.fromBase32(key), person.email).toString();
  return { isOn: false, offer: { uri, key }, codesLeft: 0 };
}

/** Drops an offer that was not confirmed. @throws AppError as holdActor. */
export async function withdrawSecondFactor(db: TransactionalDb, actor: Person): Promise<void> {
  await db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    await tx.secondFactor.deleteMany({ where: { userId: actor.id, confirmedAt: null } });
  });
}

/**
 * Turns the second factor on with its first code: every session but the one that asks ends, as it began without. Returns the
 * recovery codes, which are shown this once.
 * @throws AppError rate_limited, invalid (at the field `code`), conflict when there is no offer; as holdActor and
 *   requireProof.
 */
export async function confirmSecondFactor(
  db: TransactionalDb,
  post: PostAccountMail,
  encryptionKey: Buffer,
  actor: Person,
  { code, sessionId }: { code: string; sessionId: string | null },
): Promise<{ recoveryCodes: string[] }> {
  await takeTry(db, accountLimits.code, actor.id);
  return db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    await requireProof(tx, actor);
    const isRight = await takeCode(tx, encryptionKey, actor.id, code, { confirmed: false });
    if (!isRight) throw wrongCode();
    await forgetTries(tx, accountLimits.code, actor.id);
    const { count } = await tx.secondFactor.updateMany({
      where: { userId: actor.id, confirmedAt: null },
      data: { confirmedAt: await databaseTime(tx) },
    });
    if (count === 0) throw alreadyOn();
    await endSignInsUnderWay(tx, actor.id);
    await closeAllSessions(tx, actor.id, sessionId);
    const recoveryCodes = await replaceRecoveryCodes(tx, actor.id);
    await recordAudit(tx, { actor, action: "second_factor_on" });
    await tellSecurityChange(tx, post, actor.id, "second_factor_on");
    return { recoveryCodes };
  });
}

/** Turns it off, with a code. @throws AppError as checkCode and holdActor. */
export async function removeSecondFactor(
  db: TransactionalDb,
  post: PostAccountMail,
  encryptionKey: Buffer,
  actor: Person,
  code: string,
): Promise<void> {
  await checkCode(db, encryptionKey, actor.id, code);
  await db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    await tx.secondFactor.deleteMany({ where: { userId: actor.id } });
    await tx.recoveryCode.deleteMany({ where: { userId: actor.id } });
    await recordAudit(tx, { actor, action: "second_factor_off" });
    await tellSecurityChange(tx, post, actor.id, "second_factor_off");
  });
}

/** Makes new recovery codes, with a code; the old ones are of no use any more. @throws AppError as checkCode and holdActor. */
export async function renewRecoveryCodes(
  db: TransactionalDb,
  post: PostAccountMail,
  encryptionKey: Buffer,
  actor: Person,
  code: string,
): Promise<{ recoveryCodes: string[] }> {
  await checkCode(db, encryptionKey, actor.id, code);
  return db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    const recoveryCodes = await replaceRecoveryCodes(tx, actor.id);
    await recordAudit(tx, { actor, action: "recovery_codes_made" });
    await tellSecurityChange(tx, post, actor.id, "recovery_codes_made");
    return { recoveryCodes };
  });
}

/**
 * Takes a code of the app or a recovery code; each works once. The try is counted before it is looked at.
 * @throws AppError rate_limited, invalid (at the field `code`).
 */
export async function checkCode(
  db: Db,
  encryptionKey: Buffer,
  userId: string,
  code: string,
): Promise<void> {
  await takeTry(db, accountLimits.codeHour, userId);
  await takeTry(db, accountLimits.code, userId);
  const isRight = /^\d{6}$/.test(code)
    ? await takeCode(db, encryptionKey, userId, code, { confirmed: true })
    : await takeRecoveryCode(db, userId, code);
  if (!isRight) throw wrongCode();
  await forgetTries(db, accountLimits.code, userId);
  await forgetTries(db, accountLimits.codeHour, userId);
}

/** The race is settled in the `where`: of two simultaneous uses of one code the second finds its step taken. */
async function takeCode(
  db: Db,
  encryptionKey: Buffer,
  userId: string,
  code: string,
  { confirmed }: { confirmed: boolean },
): Promise<boolean> {
  const row = await db.secondFactor.findFirst({
    where: { userId, confirmedAt: confirmed ? { not: null } : null },
    select: { sealedSecret: true },
  });
  if (row === null) return false;
  const secret = Secret.fromBase32(unseal(encryptionKey, placeOf(userId), row.sealedSecret));
  const now = (await databaseTime(db)).getTime();
  const delta = generatorOf(secret).validate({ token: code, timestamp: now, window });
  if (delta === null) return false;
  const step = Math.floor(now / 1_000 / periodSeconds) + delta;
  const { count } = await db.secondFactor.updateMany({
    where: { userId, lastStep: { lt: step } },
    data: { lastStep: step },
  });
  return count === 1;
}

const wrongCode = () =>
  new AppError("invalid", "The code is wrong or was already used.", {
    key: "code_wrong",
    details: [{ message: "is wrong or was used already", property: "code" }],
  });

const alreadyOn = () =>
  new AppError("conflict", "The second factor was changed in the meantime.", {
    key: "second_factor_changed",
  });
