import { randomBytes } from "node:crypto";
import { requestEmailChange } from "#lib/accounts/change-email.ts";
import { sendResetLink } from "#lib/accounts/reset-password.ts";
import { hashSecret } from "#lib/accounts/secrets.ts";
import { sendSignUpLink } from "#lib/accounts/sign-up.ts";
import { sendVerification } from "#lib/accounts/verify-email.ts";
import type { Database } from "#lib/db.ts";
import { inviteToPlace } from "#lib/invitations/invite.ts";
import { signMailToken } from "#lib/notifications/mail-token.ts";
import { addressKey } from "#lib/outbox/mail-address.ts";
import { createSessionUser, createTestOutbox } from "#testing/account-factory.ts";
import { createChannel, createMember } from "#testing/factories.ts";
import type { Person, Which, World } from "./world.ts";

/** The links of mails that let whoever has them do something. */
export const linkKinds = [
  "confirmAddress",
  "unsubscribe",
  "signUp",
  "resetPassword",
  "verifyEmail",
  "emailChange",
  "invitation",
  "invitationOfAnother",
] as const;
export type LinkKind = (typeof linkKinds)[number];

/** `own`: a link in force; `foreign`: one whose time is over; `unknown`: one that nobody made. Made for `person` if given. */
export type MakeLink = (kind: LinkKind, which: Which, person?: Person) => Promise<string>;

const hourMs = 3_600_000;
const past = new Date(0);

export function linkMaker(database: Database, world: World): MakeLink {
  const { db } = database;
  const { encryptionKey, password, passwordHash } = world;
  const outbox = createTestOutbox();
  const { post } = outbox;
  const newEmail = () => `link-${randomBytes(6).toString("hex")}@example.com`;
  const newChannel = () => createChannel(db, { emailVerifiedAt: null, email: newEmail() });
  const someone = async (person: Person | undefined) =>
    person?.user ?? createSessionUser(db, { passwordHash });

  /** Each makes a link in force; with `isOver` one whose time is over, as far as it is not the table's to say. */
  const makers: Record<LinkKind, (isOver: boolean, person?: Person) => Promise<string>> = {
    confirmAddress: async (isOver) => {
      const { id: channelId, email } = await newChannel();
      const until = Date.now() + (isOver ? -hourMs : hourMs);
      const link = { kind: "confirm" as const, channelId, address: addressKey(email), until };
      return signMailToken(encryptionKey, link);
    },
    unsubscribe: async (isOver) => {
      const { id: channelId, email } = await newChannel();
      const address = addressKey(email);
      // These links never end; one of another purpose is what comes next to it.
      return signMailToken(
        encryptionKey,
        isOver
          ? { kind: "confirm", channelId, address, until: Date.now() + hourMs }
          : { kind: "channel", channelId, address },
      );
    },
    signUp: async () => {
      const email = newEmail();
      await sendSignUpLink(db, post, { email, locale: "en" });
      return outbox.tokenTo(email);
    },
    resetPassword: async () => {
      const { email } = await createSessionUser(db);
      await sendResetLink(db, post, email, { address: null, userAgent: null });
      return outbox.tokenTo(email, "reset_password");
    },
    verifyEmail: async () => {
      const user = await createSessionUser(db, { emailVerifiedAt: null });
      await sendVerification(db, post, user);
      return outbox.tokenTo(user.email, "verify_email");
    },
    emailChange: async (_isOver, person) => {
      const user = await someone(person);
      const email = newEmail();
      const form = { currentPassword: password, sessionId: null, newEmail: email };
      await requestEmailChange(db, post, user, form);
      return outbox.tokenTo(email, "email_change_new");
    },
    invitation: async (_isOver, person) => invite(person?.user.email ?? newEmail()),
    invitationOfAnother: () => invite(newEmail()),
  };

  async function invite(email: string): Promise<string> {
    const [admin, channel] = await Promise.all([createSessionUser(db), newChannel()]);
    await createMember(db, channel.id, { userId: admin.id });
    const place = { kind: "channel", id: channel.id } as const;
    await inviteToPlace(db, post, admin, place, { email, role: "member", signUp: "open" });
    return outbox.tokenTo(email, "invitation");
  }

  async function end(token: string): Promise<void> {
    const hash = hashSecret(token);
    const data = { expiresAt: past };
    await db.accountToken.updateMany({ where: { idHash: hash }, data });
    await db.invitation.updateMany({ where: { tokenHash: hash }, data });
    await db.emailChange.updateMany({ where: { newTokenHash: hash }, data });
  }

  return async (kind, which, person) => {
    if (which === "unknown") return randomBytes(32).toString("base64url");
    const token = await makers[kind](which === "foreign", person);
    if (which === "foreign") await end(token);
    return token;
  };
}
