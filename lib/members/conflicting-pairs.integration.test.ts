import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confirmEmailChange, requestEmailChange } from "#lib/accounts/change-email.ts";
import { changePassword } from "#lib/accounts/change-password.ts";
import { setUpOperator, signInWithPassword } from "#lib/accounts/commands.ts";
import { deleteAccount } from "#lib/accounts/delete-account.ts";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import { linkProvider, unlinkProvider } from "#lib/accounts/external-accounts.ts";
import { resetPassword, sendResetLink } from "#lib/accounts/reset-password.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { signInWithCode } from "#lib/accounts/sign-in-with-code.ts";
import { completeSignUp, sendSignUpLink } from "#lib/accounts/sign-up.ts";
import { issueAccountToken } from "#lib/accounts/tokens.ts";
import { sendVerification, verifyEmail } from "#lib/accounts/verify-email.ts";
import * as alerts from "#lib/alerts/commands.ts";
import * as channels from "#lib/channels/commands.ts";
import { setChannelDisabled } from "#lib/channels/disable.ts";
import * as secrets from "#lib/channels/issue-secret.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import * as grants from "#lib/grants/commands.ts";
import { acceptInvitation } from "#lib/invitations/accept.ts";
import { inviteToConsole, inviteToPlace } from "#lib/invitations/invite.ts";
import { cancelInvitation, sendInvitationAgain } from "#lib/invitations/manage.ts";
import type { Place } from "#lib/place.ts";
import * as providers from "#lib/providers/commands.ts";
import { setProviderDisabled } from "#lib/providers/disable.ts";
import { startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { runningJobsMax } from "#lib/redeliveries/schema.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { issueChannelToken, revokeChannelTokens } from "#lib/tokens/channel-tokens.ts";
import { createPlatformKey, revokePlatformKey } from "#lib/tokens/platform-keys.ts";
import {
  createSessionUser,
  createTestOutbox,
  freshProof,
  turnFactorOn,
} from "#testing/account-factory.ts";
import {
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  hashCheaply,
  testEncryptionKey as key,
  testActor,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { addMember, changeRole, leaveChannel, removeMembers } from "./commands.ts";
import { importMembers } from "./import-members.ts";
import { countAdmins } from "./place.ts";

// Two things at the same moment, each of which would be fine alone: for every pair that guards something that must be so.

const tries = 6;

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
const outbox = createTestOutbox();
const { post } = outbox;
const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
const db = () => database.db;
const tag = () => randomBytes(6).toString("hex");

/**
 * Two that conflict, begun at once; `done`: how many of them may be done at most. `holds` says what else must be so
 * afterwards, as a value to be found true.
 */
type Pair = {
  both: readonly [() => Promise<unknown>, () => Promise<unknown>];
  done: 1 | 2;
  holds?: () => Promise<boolean>;
};
type Row = () => Promise<Pair>;

async function place(kind: Place["kind"], role: "admin" | "member" = "admin") {
  const channel = await createChannel(db());
  const people: SessionUser[] = [];
  for (let n = 0; n < 2; n += 1) {
    const person = await createSessionUser(db());
    people.push(person);
    const given = { userId: person.id, role };
    await createMember(db(), channel.id, given);
    await createProviderMember(db(), channel.providerId, given);
  }
  const [a, b] = people;
  if (a === undefined || b === undefined) throw new Error("two people were made");
  const id = kind === "channel" ? channel.id : channel.providerId;
  const where: Place = { kind, id };
  return { a, b, where, channelId: channel.id, providerId: channel.providerId };
}

const hasAdmin = (where: Place) => async () => (await countAdmins(db(), where)) > 0;

const leave = async (person: SessionUser) => {
  const proof = { ...(await freshProof(db(), person.id)), confirmation: person.email };
  return () => deleteAccount(db(), post, person, proof);
};

const lastAdmin = (kind: Place["kind"]): Record<string, Row> => ({
  [`two Admins of a ${kind} remove each other`]: async () => {
    const { a, b, where } = await place(kind);
    return {
      both: [
        () => removeMembers(db(), a, where, [b.id]),
        () => removeMembers(db(), b, where, [a.id]),
      ],
      done: 1,
      holds: hasAdmin(where),
    };
  },
  [`two Admins of a ${kind} lower each other`]: async () => {
    const { a, b, where } = await place(kind);
    const lower = (by: SessionUser, whom: SessionUser) => () =>
      changeRole(db(), by, where, { userId: whom.id, role: "member" });
    return { both: [lower(a, b), lower(b, a)], done: 1, holds: hasAdmin(where) };
  },
  [`two Admins of a ${kind} lower themselves`]: async () => {
    const { a, b, where } = await place(kind);
    const lower = (one: SessionUser) => () =>
      changeRole(db(), one, where, { userId: one.id, role: "member" });
    return { both: [lower(a), lower(b)], done: 1, holds: hasAdmin(where) };
  },
  [`an Admin of a ${kind} removes the other, who lowers the first`]: async () => {
    const { a, b, where } = await place(kind);
    return {
      both: [
        () => removeMembers(db(), a, where, [b.id]),
        () => changeRole(db(), b, where, { userId: a.id, role: "member" }),
      ],
      done: 1,
      holds: hasAdmin(where),
    };
  },
  [`two Admins of a ${kind} delete their accounts`]: async () => {
    const { a, b, where } = await place(kind);
    return { both: [await leave(a), await leave(b)], done: 1, holds: hasAdmin(where) };
  },
  [`an Admin of a ${kind} deletes the account while the other lowers themselves`]: async () => {
    const { a, b, where } = await place(kind);
    const lower = () => changeRole(db(), b, where, { userId: b.id, role: "member" });
    return { both: [await leave(a), lower], done: 1, holds: hasAdmin(where) };
  },
  [`a program takes both Admins of a ${kind} away`]: async () => {
    const { a, b, where } = await place(kind);
    const take = (one: SessionUser) => () => removeMembers(db(), testActor, where, [one.id]);
    return { both: [take(a), take(b)], done: 1, holds: hasAdmin(where) };
  },
});

async function invited() {
  const { a, b, where, channelId, providerId } = await place("channel");
  const guest = await createSessionUser(db());
  const form = { email: guest.email, role: "member", signUp: "invitation" } as const;
  await inviteToPlace(db(), post, a, where, form);
  const { id } = await db().invitation.findFirstOrThrow({ where: { email: guest.email } });
  const token = outbox.tokenTo(guest.email, "invitation");
  const accept = () => acceptInvitation(db(), guest, token);
  const rolesOfGuest = () => db().channelMember.count({ where: { channelId, userId: guest.id } });
  return { a, b, where, channelId, providerId, guest, form, id, accept, rolesOfGuest };
}

const invitations: Record<string, Row> = {
  "an invitation is accepted twice": async () => {
    const { accept, rolesOfGuest } = await invited();
    return { both: [accept, accept], done: 1, holds: async () => (await rolesOfGuest()) === 1 };
  },
  "an invitation is accepted and taken back": async () => {
    const { a, where, id, accept, rolesOfGuest } = await invited();
    return {
      both: [accept, () => cancelInvitation(db(), a, where, id)],
      done: 1,
      holds: async () => {
        const { acceptedAt, cancelledAt } = await db().invitation.findUniqueOrThrow({
          where: { id },
        });
        const isAccepted = acceptedAt !== null;
        return isAccepted !== (cancelledAt !== null) && (await rolesOfGuest()) === +isAccepted;
      },
    };
  },
  "an invitation is accepted and sent again": async () => {
    const { a, where, id, accept } = await invited();
    return { both: [accept, () => sendInvitationAgain(db(), post, a, where, id)], done: 1 };
  },
  "an invitation is accepted while its sender is removed": async () => {
    const { a, b, where, accept, rolesOfGuest, guest } = await invited();
    return {
      // Whichever comes first: an acceptance before the removal stands.
      both: [accept, () => removeMembers(db(), b, where, [a.id])],
      done: 2,
      holds: async () => {
        const accepted = await db().auditEntry.count({
          where: { actorId: guest.id, action: "invitation_accepted" },
        });
        return (await rolesOfGuest()) === accepted;
      },
    };
  },
  "an invitation is accepted while its sender sets a new password by mail": async () => {
    const { a: sender, accept, rolesOfGuest, id } = await invited();
    await sendResetLink(db(), post, sender.email, visitor);
    const token = outbox.tokenTo(sender.email, "reset_password");
    return {
      both: [accept, () => resetPassword(db(), post, { token, password: another }, visitor)],
      done: 2,
      // Either it was taken up before, or it has ended.
      holds: async () => {
        const { acceptedAt, invitedById } = await db().invitation.findUniqueOrThrow({
          where: { id },
        });
        const isAccepted = acceptedAt !== null;
        const roles = await rolesOfGuest();
        return roles === +isAccepted && (invitedById !== null) === isAccepted;
      },
    };
  },
  "an invitation is sent again while its sender sets a new password by mail": async () => {
    const { a: sender, b, where, id } = await invited();
    await sendResetLink(db(), post, sender.email, visitor);
    const token = outbox.tokenTo(sender.email, "reset_password");
    return {
      both: [
        () => sendInvitationAgain(db(), post, b, where, id),
        () => resetPassword(db(), post, { token, password: another }, visitor),
      ],
      done: 2,
      holds: async () =>
        (await db().invitation.count({ where: { id, invitedById: sender.id } })) === 0,
    };
  },
  "an invitation is accepted while its place gives the role": async () => {
    const { a, where, guest, accept, rolesOfGuest } = await invited();
    const add = () => addMember(db(), a, where, { email: guest.email, role: "tester" });
    return { both: [accept, add], done: 2, holds: async () => (await rolesOfGuest()) === 1 };
  },
  "an address is invited twice": async () => {
    const { a, b, where } = await place("channel");
    const form = { email: `${tag()}@example.com`, role: "member", signUp: "open" } as const;
    const invite = (one: SessionUser) => () => inviteToPlace(db(), post, one, where, form);
    return { both: [invite(a), invite(b)], done: 1 };
  },
  "an address is invited to the console twice": async () => {
    const email = `${tag()}@example.com`;
    const invite = async () => {
      const operator = await createSessionUser(db(), { isOperator: true });
      return () => inviteToConsole(db(), post, operator, email);
    };
    return { both: [await invite(), await invite()], done: 1 };
  },
  "somebody is imported twice": async () => {
    const { a, channelId, providerId } = await place("channel");
    const { userId } = await createProviderMember(db(), providerId, {});
    const form = { userIds: [userId], role: "member" } as const;
    const run = () => importMembers(db(), a, { id: channelId, providerId }, form);
    return { both: [run, run], done: 1 };
  },
  "a role is changed by two who saw the same": async () => {
    const { a, b, where } = await place("channel");
    const { userId } = await createMember(db(), where.id, { role: "tester" });
    const to = (by: SessionUser, role: "admin" | "member") => () =>
      changeRole(db(), by, where, { userId, role, seenRole: "tester" });
    return { both: [to(a, "admin"), to(b, "member")], done: 1 };
  },
  "a Member leaves who is made Admin": async () => {
    const { a, where } = await place("channel");
    const member = await createSessionUser(db());
    await createMember(db(), where.id, { userId: member.id, role: "member" });
    const raise = () => changeRole(db(), a, where, { userId: member.id, role: "admin" });
    return { both: [() => leaveChannel(db(), member, where.id), raise], done: 1 };
  },
};

async function twoOperators() {
  await db().user.updateMany({ where: { isOperator: true }, data: { isOperator: false } });
  const make = () => createSessionUser(db(), { isOperator: true });
  const [a, b] = [await make(), await make()];
  const holds = async () =>
    (await db().user.count({ where: { isOperator: true, disabledAt: null } })) > 0;
  return { a, b, done: 1 as const, holds };
}

const operators: Record<string, Row> = {
  "two operators disable each other": async () => {
    const { a, b, ...rest } = await twoOperators();
    const disable = (by: SessionUser, whom: SessionUser) => () =>
      setUserDisabled(db(), by, whom.id, true);
    return { both: [disable(a, b), disable(b, a)], ...rest };
  },
  "an operator disables the other, who deletes the account": async () => {
    const { a, b, ...rest } = await twoOperators();
    return { both: [() => setUserDisabled(db(), a, b.id, true), await leave(b)], ...rest, done: 2 };
  },
  "an operator deletes the account and disables the other": async () => {
    const { a, b, ...rest } = await twoOperators();
    return { both: [await leave(a), () => setUserDisabled(db(), a, b.id, true)], ...rest };
  },
  "two operators delete their accounts": async () => {
    const { a, b, ...rest } = await twoOperators();
    return { both: [await leave(a), await leave(b)], ...rest };
  },
  "a platform key is revoked twice": async () => {
    const { id } = await createPlatformKey(db(), testActor, { name: tag() });
    const revoke = () => revokePlatformKey(db(), testActor, id);
    return { both: [revoke, revoke], done: 1 };
  },
};

const identityOf = (provider: "github" | "google") => ({
  ...{ provider, subject: tag(), email: null, isEmailVerified: false, name: "octo" },
});
const linking = async (user: SessionUser, one: ReturnType<typeof identityOf>) => {
  const token = await issueAccountToken(db(), "link_provider", {
    userId: user.id,
    detail: one.provider,
  });
  return () => linkProvider(db(), post, user, one, token);
};
const person = () => createSessionUser(db(), { passwordHash });
const proof = { currentPassword: password, sessionId: null };
const resetting = async ({ email }: SessionUser) => {
  await sendResetLink(db(), post, email, visitor);
  const token = outbox.tokenTo(email, "reset_password");
  return () => resetPassword(db(), post, { token, password: another }, visitor);
};

const accounts: Record<string, Row> = {
  "the first account is made twice": async () => {
    await db().user.deleteMany();
    const set = () =>
      setUpOperator(
        db(),
        { name: "First", email: `${tag()}@example.com`, password, ...taste },
        null,
      );
    return { both: [set, set], done: 1 };
  },
  "a link for a new password is used twice": async () => {
    const run = await resetting(await person());
    return { both: [run, run], done: 1 };
  },
  "a link to sign up is used twice": async () => {
    const email = `${tag()}@example.com`;
    await sendSignUpLink(db(), post, { email, locale: "en" });
    const token = outbox.tokenTo(email, "sign_up");
    const run = () => completeSignUp(db(), { token, name: "F", password, ...taste }, visitor);
    return { both: [run, run], done: 1 };
  },
  "a link that verifies an address is used twice": async () => {
    const user = await createSessionUser(db(), { emailVerifiedAt: null });
    await sendVerification(db(), post, user);
    const token = outbox.tokenTo(user.email, "verify_email");
    const run = () => verifyEmail(db(), token, visitor);
    return { both: [run, run], done: 1 };
  },
  "a new password is set by a link and on the page": async () => {
    const user = await person();
    const change = () =>
      changePassword(db(), post, user, { ...proof, password: "the thief's password" });
    return { both: [await resetting(user), change], done: 1 };
  },
  "a new password is set by a link while the address changes": async () => {
    const user = await person();
    const newEmail = `${tag()}@example.com`;
    await requestEmailChange(db(), post, user, { ...proof, newEmail });
    await confirmEmailChange(db(), post, outbox.tokenTo(user.email, "email_change_old"), visitor);
    const token = outbox.tokenTo(newEmail, "email_change_new");
    const change = () => confirmEmailChange(db(), post, token, visitor);
    return { both: [await resetting(user), change], done: 1 };
  },
  "both mailboxes say yes to a change of the address": async () => {
    const user = await person();
    const newEmail = `${tag()}@example.com`;
    await requestEmailChange(db(), post, user, { ...proof, newEmail });
    const yes = (token: string) => () => confirmEmailChange(db(), post, token, visitor);
    return {
      both: [
        yes(outbox.tokenTo(user.email, "email_change_old")),
        yes(outbox.tokenTo(newEmail, "email_change_new")),
      ],
      done: 2,
      holds: async () => (await db().user.count({ where: { email: newEmail } })) === 1,
    };
  },
  "two accounts change to one address": async () => {
    const newEmail = `${tag()}@example.com`;
    const changing = async () => {
      const user = await createSessionUser(db(), { passwordHash, emailVerifiedAt: null });
      await requestEmailChange(db(), post, user, { ...proof, newEmail });
      const token = outbox.tokenTo(newEmail, "email_change_new");
      return () => confirmEmailChange(db(), post, token, visitor);
    };
    return { both: [await changing(), await changing()], done: 1 };
  },
  "a code finishes two sign-ins": async () => {
    const user = await person();
    const { codeAt } = await turnFactorOn(db(), outbox, user, password);
    const begun = await signInWithPassword(db(), { email: user.email, password }, visitor);
    if (begun.kind !== "code_needed") throw new Error("a code was asked for");
    const form = { challenge: begun.challenge, code: codeAt(Date.now()) };
    const run = () => signInWithCode(db(), key, form, visitor);
    return { both: [run, run], done: 1 };
  },
  "a recovery code finishes two sign-ins": async () => {
    const user = await person();
    const { recoveryCodes } = await turnFactorOn(db(), outbox, user, password);
    const begun = await signInWithPassword(db(), { email: user.email, password }, visitor);
    if (begun.kind !== "code_needed") throw new Error("a code was asked for");
    const form = { challenge: begun.challenge, code: recoveryCodes[0] ?? "" };
    const run = () => signInWithCode(db(), key, form, visitor);
    return { both: [run, run], done: 1 };
  },
  "a token links twice": async () => {
    const user = await person();
    const token = await issueAccountToken(db(), "link_provider", {
      userId: user.id,
      detail: "github",
    });
    const run = () => linkProvider(db(), post, user, identityOf("github"), token);
    return { both: [run, run], done: 1 };
  },
  "two people link one account elsewhere": async () => {
    const one = identityOf("github");
    return {
      both: [await linking(await person(), one), await linking(await person(), one)],
      done: 1,
    };
  },
  "the last two ways in are removed": async () => {
    const user = await createSessionUser(db());
    for (const provider of ["github", "google"] as const) {
      await (await linking(user, identityOf(provider)))();
    }
    const unlink = (provider: string) => () => unlinkProvider(db(), post, user, provider);
    return { both: [unlink("github"), unlink("google")], done: 1 };
  },
};

const job = (channelId: string) => ({
  question: {
    ...{ channelId, from: new Date(0), to: new Date() },
    ...{ states: null, eventType: null, eventId: null, doubtful: false },
  },
  ratePerSecond: 20,
  expectedCount: 1,
});
const target = (channelId: string) => () =>
  alerts.addTarget(db(), { policy, encryptionKey: key }, testActor, {
    ...({ channelId, kind: "webhook", name: "Pager" } as const),
    url: "https://alerts.example.com/",
  });

const settings: Record<string, Row> = {
  "two edits are filled from one version": async () => {
    const { id: channelId, version } = await createChannel(db());
    const edit = (name: string) => () =>
      channels.editBasics(db(), testActor, { channelId, version, name });
    return { both: [edit("One"), edit("Other")], done: 1 };
  },
  "two names of a provider are filled from one version": async () => {
    const { id, version } = await createProvider(db());
    const rename = (name: string) => () =>
      providers.renameProvider(db(), testActor, id, { name, version });
    return { both: [rename("One"), rename("Other")], done: 1 };
  },
  "two URLs are set by who saw the same": async () => {
    const { id } = await createChannel(db());
    const set = (host: string) => () =>
      channels.setWebhookUrl(db(), policy, testActor, id, `https://${host}.example.com/`, null);
    return { both: [set("one"), set("other")], done: 1 };
  },
  "two secrets are issued beside the one in force": async () => {
    const { id } = await createChannel(db());
    const issue = () => secrets.issueSecretWithOverlap(db(), key, testActor, id);
    return { both: [issue, issue], done: 1 };
  },
  "a secret is issued beside the one in force, and one at once": async () => {
    const { id } = await createChannel(db());
    const beside = () => secrets.issueSecretWithOverlap(db(), key, testActor, id);
    const atOnce = () => secrets.issueSecretAtOnce(db(), key, testActor, id, null);
    return { both: [beside, atOnce], done: 2 };
  },
  "an overlap of secrets is ended both ways": async () => {
    const { id } = await createChannel(db());
    const from = await secrets.issueSecretWithOverlap(db(), key, testActor, id);
    const ends = [
      () => secrets.switchSecret(db(), key, testActor, id, from),
      () => secrets.cancelOverlap(db(), testActor, id, from),
    ] as const;
    return { both: ends, done: 1 };
  },
  "two access tokens are issued": async () => {
    const { id: channelId } = await createChannel(db());
    const issue = () => issueChannelToken(db(), testActor, { channelId, keepHours: 24 });
    return {
      both: [issue, issue],
      done: 2,
      holds: async () =>
        (await db().channelToken.count({ where: { channelId, endsAt: null } })) === 1,
    };
  },
  "an access token is issued while all are revoked": async () => {
    const { id: channelId } = await createChannel(db());
    await issueChannelToken(db(), testActor, { channelId, keepHours: 24 });
    return {
      both: [
        () => issueChannelToken(db(), testActor, { channelId, keepHours: 24 }),
        () => revokeChannelTokens(db(), testActor, channelId),
      ],
      done: 2,
      holds: async () =>
        (await db().channelToken.count({ where: { channelId, endsAt: null } })) <= 1,
    };
  },
  "a switch is turned on twice": async () => {
    const { id: channelId } = await createChannel(db());
    const turn = () => turnSwitch(db(), testActor, channelId, "errorStatisticsAggregation", true);
    return {
      both: [turn, turn],
      done: 2,
      holds: async () =>
        (await db().countingPeriod.count({ where: { channelId, endedAt: null } })) === 1,
    };
  },
  "a switch is turned on and off": async () => {
    const { id: channelId } = await createChannel(db(), { errorStatisticsAggregation: true });
    const turn = (on: boolean) => () =>
      turnSwitch(db(), testActor, channelId, "errorStatisticsAggregation", on);
    return {
      both: [turn(false), turn(true)],
      done: 2,
      holds: async () => {
        const { errorStatisticsAggregation: isOn } = await db().channel.findUniqueOrThrow({
          where: { id: channelId },
        });
        return (await db().countingPeriod.count({ where: { channelId, endedAt: null } })) === +isOn;
      },
    };
  },
  "the last place for an alert target is taken twice": async () => {
    const { id: channelId } = await createChannel(db());
    for (let n = 0; n < 4; n += 1) await target(channelId)();
    return { both: [target(channelId), target(channelId)], done: 1 };
  },
  "the last place for a redelivery job is taken twice": async () => {
    const on = { useWebhook: true, webhookUrl: "https://bot.example.com/" };
    const { id: channelId } = await createChannel(db(), on);
    const start = () => startRedeliveryJob(db(), testActor, job(channelId));
    for (let n = 1; n < runningJobsMax; n += 1) await start();
    return { both: [start, start], done: 1 };
  },
  "two apply for the error notification": async () => {
    const { a, b, channelId } = await place("channel");
    const words = { company: "C", contact: "C", reason: "R" };
    const apply = (one: SessionUser) => () =>
      grants.applyForNotification(db(), one, { channelId, ...words });
    return { both: [apply(a), apply(b)], done: 1 };
  },
  "an application is approved and rejected": async () => {
    const { a, channelId } = await place("channel");
    const operator = await createSessionUser(db(), { isOperator: true });
    const words = { company: "C", contact: "C", reason: "R" };
    await grants.applyForNotification(db(), a, { channelId, ...words });
    const { id: grantId } = await db().notificationGrant.findFirstOrThrow({ where: { channelId } });
    const decide = (decision: "approved" | "rejected") => () =>
      grants.decideGrant(db(), operator, { grantId, decision, note: "" });
    return { both: [decide("approved"), decide("rejected")], done: 1 };
  },
};

const newChannel = (providerId: string) => () =>
  channels.createChannel(db(), key, testActor, {
    ...{ providerId, name: "Bot", description: "D", email: "team@example.com" },
  });
const noneInDisabled = (providerId: string) => async () =>
  (await db().channel.count({
    where: { providerId, disabledAt: null, provider: { disabledAt: { not: null } } },
  })) === 0;

const places: Record<string, Row> = {
  "a channel is deleted twice": async () => {
    const { id, name } = await createChannel(db());
    const run = () => channels.deleteChannel(db(), testActor, id, name);
    return { both: [run, run], done: 1 };
  },
  "a provider is deleted while a channel is made in it": async () => {
    const { id, name } = await createProvider(db());
    const run = () => providers.deleteProvider(db(), testActor, id, name);
    return { both: [run, newChannel(id)], done: 1 };
  },
  "a provider is disabled while a channel is made in it": async () => {
    const { id } = await createProvider(db());
    const run = () => setProviderDisabled(db(), testActor, id, true);
    return { both: [run, newChannel(id)], done: 2, holds: noneInDisabled(id) };
  },
  "a provider is disabled while a channel of it is enabled": async () => {
    const { id, providerId } = await createChannel(db(), { disabledAt: new Date() });
    const run = () => setProviderDisabled(db(), testActor, providerId, true);
    const enable = () => setChannelDisabled(db(), testActor, id, false);
    return { both: [run, enable], done: 2, holds: noneInDisabled(providerId) };
  },
  "a channel is disabled while its switch is turned on": async () => {
    const { id } = await createChannel(db(), { webhookUrl: "https://bot.example.com/" });
    return {
      both: [
        () => setChannelDisabled(db(), testActor, id, true),
        () => turnSwitch(db(), testActor, id, "useWebhook", true),
      ],
      done: 2,
      holds: async () =>
        (await db().channel.count({
          where: { id, useWebhook: true, disabledAt: { not: null } },
        })) === 0,
    };
  },
  "people are removed from a provider with its channels, and one of them removes there":
    async () => {
      const { a, b, where, channelId } = await place("provider");
      const channel = { kind: "channel", id: channelId } as const;
      return {
        both: [
          () => removeMembers(db(), a, where, [b.id], { fromChannels: true }),
          () => removeMembers(db(), b, channel, [a.id]),
        ],
        done: 1,
        holds: hasAdmin(channel),
      };
    },
};

const rows: Record<string, Row> = {
  ...lastAdmin("channel"),
  ...lastAdmin("provider"),
  ...invitations,
  ...operators,
  ...settings,
  ...places,
  ...accounts,
};

for (const [what, row] of Object.entries(rows)) {
  test(`what must be so stays so when ${what} at the same moment`, async () => {
    for (let n = 0; n < tries; n += 1) {
      const { both, done, holds = async () => true } = await row();
      const ended = await Promise.allSettled(both.map((run) => run()));
      const faults = ended.flatMap((one) =>
        one.status === "rejected" && one.reason?.name !== "AppError" ? [one.reason] : [],
      );
      expect(faults).toEqual([]);
      const count = ended.filter(({ status }) => status === "fulfilled").length;
      expect([count > 0, count <= done, await holds()]).toEqual([true, true, true]);
    }
  });
}
