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
import type { SessionUser } from "#lib/accounts/schema.ts";
import { removeSecondFactor, renewRecoveryCodes } from "#lib/accounts/second-factor.ts";
import { completeSignUp, sendSignUpLink } from "#lib/accounts/sign-up.ts";
import { issueToken } from "#lib/accounts/tokens.ts";
import { sendVerification, verifyEmail } from "#lib/accounts/verify-email.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { acceptInvitation } from "#lib/invitations/accept.ts";
import { inviteToConsole, inviteToPlace } from "#lib/invitations/invite.ts";
import { cancelInvitation, sendInvitationAgain } from "#lib/invitations/manage.ts";
import { createSessionUser, createTestOutbox, turnFactorOn } from "./account-factory.ts";
import { createChannel, createMember, testEncryptionKey as key } from "./factories.ts";

const password = "a long enough password";
const visitor = { address: null, userAgent: "test" };
const outbox = createTestOutbox();
const { post } = outbox;

/** Without a password, which costs a hash each time and is then not asked for. */
const person = (db: TransactionalDb) => createSessionUser(db);

async function changing(db: TransactionalDb): Promise<{ user: SessionUser; newEmail: string }> {
  const user = await person(db);
  const newEmail = `new-${user.email}`;
  await requestEmailChange(db, post, user, { currentPassword: "", newEmail });
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
  const token = await issueToken(db, "link_provider", { userId: user.id, detail: "github" });
  await linkProvider(db, user, identityOf(user), token);
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
  account_created: async (db: TransactionalDb) => {
    const email = `fresh-${Date.now()}@example.com`;
    await sendSignUpLink(db, post, { email, locale: "en" });
    const form = { token: outbox.tokenTo(email), name: "Fresh", password, locale: "en" as const };
    await completeSignUp(db, form, visitor);
  },
  account_deleted: async (db: TransactionalDb) => deleteAccount(db, post, await person(db), ""),
  profile_edited: async (db: TransactionalDb) =>
    editProfile(db, await createSessionUser(db), { name: "Other", locale: "ja", timeZone: null }),
  password_changed: async (db: TransactionalDb) => {
    const form = { currentPassword: "", password: "another long one", keepSessionId: null };
    await changePassword(db, post, await person(db), form);
  },
  email_verified: async (db: TransactionalDb) => {
    const user = await createSessionUser(db, { emailVerifiedAt: null });
    await sendVerification(db, post, user);
    await verifyEmail(db, outbox.tokenTo(user.email));
  },
  email_change_asked: changing,
  email_change_dropped: async (db: TransactionalDb) =>
    cancelEmailChange(db, (await changing(db)).user),
  email_changed: async (db: TransactionalDb) => {
    const { user, newEmail } = await changing(db);
    await confirmEmailChange(db, post, outbox.tokenTo(user.email, "email_change_old"));
    await confirmEmailChange(db, post, outbox.tokenTo(newEmail, "email_change_new"));
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
  invitation_sent: async (db: TransactionalDb) =>
    inviteToConsole(db, post, await createSessionUser(db), `console-${Date.now()}@example.com`),
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
