import { AppError } from "#lib/app-error.ts";
import type { Actor, Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { cleanLine } from "#lib/clean-line.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { isUniqueConflict } from "#lib/unique-conflict.ts";
import { tellSecurityChange } from "./addressee.ts";
import { beginSession, type SignInResult } from "./begin-session.ts";
import { hasPassword, requireFresh } from "./confirm-person.ts";
import { holdPerson } from "./hold-actor.ts";
import type { PostAccountMail } from "./mail.ts";
import { requireProof, requireProven } from "./recent-proof.ts";
import { recordRefusedSignIn } from "./record-refused-sign-in.ts";
import {
  personNameLengthMax,
  type SignInProviderId,
  type SignUpMode,
  type Taste,
} from "./schema.ts";
import { readProof } from "./session-proof.ts";
import { insertPerson } from "./sign-up.ts";
import { isInvited } from "./standing-invitations.ts";
import { issueAccountToken, takeToken } from "./tokens.ts";

type Person = Extract<Actor, { kind: "user" }>;

/** Whom a provider says that it is. */
export type ExternalIdentity = {
  provider: SignInProviderId;
  /** Stable and unique at the provider; an address is neither. */
  subject: string;
  /** Lower case. */
  email: string | null;
  /** The provider says that it has checked the mailbox. */
  isEmailVerified: boolean;
  name: string | null;
};

/** `taste` is that of the browser, for a new account. */
type SignUpRule = { mode: SignUpMode; taste: Taste };

/**
 * Signs in whoever the provider vouches for: the account that the identity is linked to; else the one with the same address,
 * if the provider *and* we have verified it (somebody could have made either with another's address); else a new one where
 * sign-up allows it. Does not protect from a provider that lies about having checked an address.
 * @throws AppError unauthenticated, with a key that says why.
 */
export async function signInWithProvider(
  db: TransactionalDb,
  post: PostAccountMail,
  identity: ExternalIdentity,
  rule: SignUpRule,
  visitor: Visitor,
): Promise<SignInResult> {
  try {
    const userId =
      (await findLinked(db, identity)) ??
      (await linkByAddress(db, post, identity, visitor)) ??
      (await signUpWithProvider(db, identity, rule, visitor));
    const { provider, subject } = identity;
    return await beginSession(db, userId, { provider, subject }, visitor);
  } catch (error) {
    if (error instanceof AppError)
      await recordRefusal(db, identity, visitor, error.key ?? error.code);
    throw error;
  }
}

/** Of whom the provider spoke: whom it is linked to, or whoever has the address, checked or not. */
async function recordRefusal(
  db: Db,
  { provider, subject, email }: ExternalIdentity,
  visitor: Visitor,
  reason: string,
): Promise<void> {
  const user = await db.user.findFirst({
    where: {
      OR: [
        { externalAccounts: { some: { provider, subject } } },
        ...(email === null ? [] : [{ email }]),
      ],
    },
    select: { id: true, name: true },
  });
  await recordRefusedSignIn(db, visitor, { user, method: provider, reason });
}

async function findLinked(db: Db, identity: ExternalIdentity): Promise<string | null> {
  const { provider, subject } = identity;
  const row = await db.externalAccount.findUnique({
    where: { provider_subject: { provider, subject } },
    select: { userId: true, user: { select: { disabledAt: true } } },
  });
  if (row === null) return null;
  if (row.user.disabledAt !== null) throw refused("provider_disabled");
  await db.externalAccount.updateMany({
    where: { provider, subject },
    data: { lastUsedAt: await databaseTime(db), label: identity.email ?? identity.name },
  });
  return row.userId;
}

async function linkByAddress(
  db: TransactionalDb,
  post: PostAccountMail,
  identity: ExternalIdentity,
  visitor: Visitor,
): Promise<string | null> {
  const { email, isEmailVerified } = identity;
  if (email === null || !isEmailVerified) return null;
  return db.$transaction(async (tx) => {
    // Of two first sign-ins at once the second waits here, and then finds the link of the first.
    await tx.$queryRaw`select 1 from users where email = ${email} for no key update`;
    const user = await tx.user.findUnique({
      where: { email },
      select: { id: true, name: true, isOperator: true, emailVerifiedAt: true, disabledAt: true },
    });
    if (user === null) return null;
    if (user.disabledAt !== null) throw refused("provider_disabled");
    if (user.emailVerifiedAt === null) throw refused("provider_unverified_here");
    if ((await findLinked(tx, identity)) === user.id) return user.id;
    const { id, name, isOperator } = user;
    const actor = { kind: "user" as const, id, name, isOperator, from: visitor, session: null };
    // The provider and we have both checked the mailbox, which is what a new password takes as well.
    await link(tx, post, actor, identity, true);
    return id;
  });
}

async function signUpWithProvider(
  db: TransactionalDb,
  identity: ExternalIdentity,
  { mode, taste }: SignUpRule,
  visitor: Visitor,
): Promise<string> {
  const { email, name } = identity;
  if (email === null || !identity.isEmailVerified) throw refused("provider_unverified");
  if ((await db.user.findFirst({ select: { id: true } })) === null)
    throw refused("provider_no_one");
  if (!(await maySignUp(db, email, mode))) throw refused("provider_not_invited");
  const person = { email, name: nameFor(name, email), ...taste, passwordHash: null };
  return db.$transaction(async (tx) => {
    const userId = await insertPerson(tx, person);
    await insertLink(tx, userId, identity, true);
    await recordAudit(tx, {
      actor: {
        ...{ kind: "user", id: userId, name: person.name, isOperator: false },
        ...{ from: visitor, session: null },
      },
      action: "account_created",
      after: { provider: identity.provider },
    });
    return userId;
  });
}

/** As people choose theirs; the address where the provider names nobody. By whole characters, so that none is cut in two. */
function nameFor(name: string | null, email: string): string {
  const given = cleanLine(name ?? "") || email;
  let short = "";
  for (const character of given) {
    if (short.length + character.length > personNameLengthMax) break;
    short += character;
  }
  return short;
}

/** A pending invitation to the same address is as good as its link: the provider has checked the mailbox. */
const maySignUp = async (db: Db, email: string, mode: SignUpMode): Promise<boolean> =>
  mode === "open" || (await isInvited(db, email, mode));

/**
 * Begins to link an account elsewhere: returns the token that `linkProvider` takes. It is a way in that lasts, so who sits
 * at the session must have shown who they are within the hour; without a password, have just signed in, as the new way in
 * would give whoever sits there the fresh sign-in that they are asked for.
 * @throws AppError as holdActor; forbidden (`prove_again`, `sign_in_again`).
 */
export async function beginLinking(
  db: TransactionalDb,
  actor: Person,
  provider: SignInProviderId,
  sessionId: string | null,
): Promise<string> {
  return db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    const hasOne = await hasPassword(tx, actor.id);
    await (hasOne ? requireProven : requireFresh)(tx, actor.id, sessionId);
    return issueAccountToken(tx, "link_provider", { userId: actor.id, detail: provider });
  });
}

/**
 * Links an account elsewhere to the person who asked for it while signed in; `token` was given to their browser then.
 * They are told by mail, in case it was somebody else.
 * @throws AppError conflict: it is linked to another account, or this one has one of the provider; unauthenticated: the
 *   token is gone, as it is after a new password; as holdActor and requireProof.
 */
export async function linkProvider(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Person,
  identity: ExternalIdentity,
  token: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    await requireProof(tx, actor);
    const taken = await takeToken(tx, "link_provider", token);
    if (taken?.userId !== actor.id || taken.detail !== identity.provider)
      throw refused("link_lost");
    const { isTyped } = await readProof(tx, actor.id, actor.session);
    await link(tx, post, actor, identity, isTyped);
  });
}

/**
 * A new way into an account that is there already: linked, written down and told, or nothing of it. `isProved`: not on the
 * strength of an open session alone, so that it stays when the password is forgotten.
 */
async function link(
  tx: Db,
  post: PostAccountMail,
  actor: Person,
  identity: ExternalIdentity,
  isProved: boolean,
): Promise<void> {
  const { provider } = identity;
  await insertLink(tx, actor.id, identity, isProved);
  await recordAudit(tx, { actor, action: "provider_linked", after: { provider } });
  await tellSecurityChange(tx, post, actor.id, "provider_linked", provider);
}

async function insertLink(
  db: Db,
  userId: string,
  identity: ExternalIdentity,
  isProved: boolean,
): Promise<void> {
  const { provider, subject, email, name } = identity;
  const now = await databaseTime(db);
  try {
    await db.externalAccount.create({
      data: {
        ...{ provider, subject, userId, label: email ?? name, lastUsedAt: now },
        provedAt: isProved ? now : null,
      },
      select: { provider: true },
    });
  } catch (error) {
    if (!isUniqueConflict(error)) throw error;
    throw new AppError("conflict", "It is already linked.", {
      key: "provider_taken",
      cause: error,
    });
  }
}

export type LinkedProvider = { provider: string; label: string | null; linkedAt: Date };

export async function listLinkedProviders(db: Db, userId: string): Promise<LinkedProvider[]> {
  const rows = await db.externalAccount.findMany({
    where: { userId },
    orderBy: { createdAt: "asc" },
    take: 20,
    select: { provider: true, label: true, createdAt: true },
  });
  return rows.map(({ createdAt, ...row }) => ({ ...row, linkedAt: createdAt }));
}

/**
 * Takes a way to sign in away. The last one stays: an account without password and provider could not be reached.
 * @throws AppError conflict; as holdActor.
 */
export async function unlinkProvider(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Person,
  provider: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    // In line with other removals of the same person.
    await holdPerson(tx, actor);
    const [user, links] = await Promise.all([
      tx.user.findUniqueOrThrow({ where: { id: actor.id }, select: { passwordHash: true } }),
      tx.externalAccount.count({ where: { userId: actor.id, provider: { not: provider } } }),
    ]);
    if (user.passwordHash === null && links === 0) {
      throw new AppError("conflict", "It is the only sign-in method.", { key: "last_way_in" });
    }
    const { count } = await tx.externalAccount.deleteMany({
      where: { userId: actor.id, provider },
    });
    if (count === 0) throw new AppError("conflict", "It was already removed.");
    await recordAudit(tx, { actor, action: "provider_unlinked", before: { provider } });
    await tellSecurityChange(tx, post, actor.id, "provider_unlinked", provider);
  });
}

const refused = (key: string) =>
  new AppError("unauthenticated", `Sign-in through the provider was refused: ${key}`, { key });
