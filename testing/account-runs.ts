// Does everything once that the audit log tells of people's accounts and invitations, for the test of its coverage.
import {
  cancelEmailChange,
  confirmEmailChange,
  requestEmailChange,
} from "#lib/accounts/change-email.ts";
import { changePassword } from "#lib/accounts/change-password.ts";
import { deleteAccount } from "#lib/accounts/delete-account.ts";
import { editProfile, endOtherSessions } from "#lib/accounts/edit-profile.ts";
import { linkProvider, unlinkProvider } from "#lib/accounts/external-accounts.ts";
import { proveAgain } from "#lib/accounts/recent-proof.ts";
import { sendResetLink } from "#lib/accounts/reset-password.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { removeSecondFactor, renewRecoveryCodes } from "#lib/accounts/second-factor.ts";
import { completeSignUp, sendSignUpLink } from "#lib/accounts/sign-up.ts";
import { issueAccountToken } from "#lib/accounts/tokens.ts";
import { sendVerification, verifyEmail } from "#lib/accounts/verify-email.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { acceptInvitation } from "#lib/invitations/accept.ts";
import { askInviter } from "#lib/invitations/ask-inviter.ts";
import { inviteToConsole, inviteToPlace } from "#lib/invitations/invite.ts";
import { cancelInvitation, sendInvitationAgain } from "#lib/invitations/manage.ts";
import {
  createSessionUser,
  createTestOutbox,
  freshProof,
  turnFactorOn,
} from "./account-factory.ts";
import { createChannel, createMember, testEncryptionKey as key } from "./factories.ts";

const password = "a long enough password";
const visitor = { address: null, userAgent: "test" };
const outbox = createTestOutbox();
const { post } = outbox;

/** Without a password, which costs a hash each time. */
const person = (db: TransactionalDb) => createSessionUser(db);

async function changing(db: TransactionalDb): Promise<{ user: SessionUser; newEmail: string }> {
  const user = await person(db);
  const newEmail = `new-${user.email}`;
  await requestEmailChange(db, post, user, { ...(await freshProof(db, user.id)), newEmail });
  return { user, newEmail };
}

const identityOf = (user: SessionUser) => ({
  provider: "github" as const,
  subject: user.id,
  email: null,
  isEmailVerified: false,
  name: "octo",
});

async function linked(db: TransactionalDb): Promise<SessionUser> {
  // Another way in, so that this one may go.
  const user = await createSessionUser(db, { passwordHash: "of no password" });
  const token = await issueAccountToken(db, "link_provider", { userId: user.id, detail: "github" });
  await linkProvider(db, post, user, identityOf(user), token);
  return user;
}

async function invited(db: TransactionalDb) {
  const [admin, guest, channel] = await Promise.all([
    createSessionUser(db),
    createSessionUser(db),
    createChannel(db),
  ]);
  await createMember(db, channel.id, { userId: admin.id });
  const place = { kind: "channel", id: channel.id } as const;
  const form = { email: guest.email, role: "member", signUp: "invitation" } as const;
  await inviteToPlace(db, post, admin, place, form);
  const { id } = await db.invitation.findFirstOrThrow({ where: { channelId: channel.id } });
  return { admin, guest, place, id };
}

export const accountRuns = {
  person_confirmed: async (db: TransactionalDb) => {
    const user = await person(db);
    await proveAgain(db, user, await freshProof(db, user.id));
  },
  account_created: async (db: TransactionalDb) => {
    const email = `fresh-${Date.now()}@example.com`;
    await sendSignUpLink(db, post, { email, locale: "en" });
    const taste = { locale: "en", theme: "system" } as const;
    const form = { token: outbox.tokenTo(email), name: "Fresh", password, ...taste };
    await completeSignUp(db, form, visitor);
  },
  account_deleted: async (db: TransactionalDb) => {
    const user = await person(db);
    await deleteAccount(db, post, user, {
      ...(await freshProof(db, user.id)),
      confirmation: user.email,
    });
  },
  profile_edited: async (db: TransactionalDb) =>
    editProfile(db, await createSessionUser(db), { theme: "dark" }),
  password_reset_asked: async (db: TransactionalDb) =>
    sendResetLink(db, post, (await person(db)).email, visitor),
  password_changed: async (db: TransactionalDb) => {
    const user = await person(db);
    const form = { ...(await freshProof(db, user.id)), password: "another long one" };
    await changePassword(db, post, user, form);
  },
  verification_asked: async (db: TransactionalDb) =>
    sendVerification(db, post, await createSessionUser(db, { emailVerifiedAt: null })),
  email_verified: async (db: TransactionalDb) => {
    const user = await createSessionUser(db, { emailVerifiedAt: null });
    await sendVerification(db, post, user);
    await verifyEmail(db, outbox.tokenTo(user.email), visitor);
  },
  email_change_asked: changing,
  email_change_dropped: async (db: TransactionalDb) =>
    cancelEmailChange(db, (await changing(db)).user),
  email_changed: async (db: TransactionalDb) => {
    const { user, newEmail } = await changing(db);
    await confirmEmailChange(db, post, outbox.tokenTo(user.email, "email_change_old"), visitor);
    await confirmEmailChange(db, post, outbox.tokenTo(newEmail, "email_change_new"), visitor);
  },
  second_factor_on: async (db: TransactionalDb) =>
    turnFactorOn(db, outbox, await createSessionUser(db)),
  second_factor_off: async (db: TransactionalDb) => {
    const user = await createSessionUser(db);
    const { codeAt } = await turnFactorOn(db, outbox, user);
    await removeSecondFactor(db, post, key, user, codeAt(Date.now()));
  },
  recovery_codes_made: async (db: TransactionalDb) => {
    const user = await createSessionUser(db);
    const { codeAt } = await turnFactorOn(db, outbox, user);
    await renewRecoveryCodes(db, post, key, user, codeAt(Date.now()));
  },
  provider_linked: linked,
  provider_unlinked: async (db: TransactionalDb) =>
    unlinkProvider(db, post, await linked(db), "github"),
  sessions_ended: async (db: TransactionalDb) =>
    endOtherSessions(db, await createSessionUser(db), null),
  inviter_asked: async (db: TransactionalDb) => {
    const { guest } = await invited(db);
    await askInviter(db, post, guest, outbox.tokenTo(guest.email));
  },
  invitation_sent: async (db: TransactionalDb) =>
    inviteToConsole(
      db,
      post,
      await createSessionUser(db, { isOperator: true }),
      `console-${Date.now()}@example.com`,
    ),
  invitation_sent_again: async (db: TransactionalDb) => {
    const { admin, place, id } = await invited(db);
    await sendInvitationAgain(db, post, admin, place, id);
  },
  invitation_cancelled: async (db: TransactionalDb) => {
    const { admin, place, id } = await invited(db);
    await cancelInvitation(db, admin, place, id);
  },
  invitation_accepted: async (db: TransactionalDb) => {
    const { guest } = await invited(db);
    await acceptInvitation(db, guest, outbox.tokenTo(guest.email));
  },
};
