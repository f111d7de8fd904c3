import { randomBytes } from "node:crypto";
import { switchNames } from "#lib/channels/switches.ts";
import { muteSpans } from "#lib/problems/mute-spans.ts";
import type { Fields } from "./ask.ts";
import {
  anyAccount,
  byLink,
  channelAdmins,
  channelLeavers,
  channelMembers,
  channelPeople,
  type Entry,
  leadsToSignIn,
  open,
  operators,
  providerAdmins,
  providerLeavers,
} from "./table.ts";
import { type Ids, isPerson, roles } from "./world.ts";

/** What the fields of a form are made of; `password` is that of everybody who asks. */
export type Given = { ids: Ids; token: string; password: string };

/** `fields` are valid, so that who asks decides. `others`: whatever else decides what is asked for, which must change nothing of that. */
export type ActionEntry = Entry & {
  fields: (given: Given) => Fields;
  others?: readonly ((given: Given) => Fields)[];
};

const fresh = (): string => `access-${randomBytes(6).toString("hex")}@example.com`;
const role = "member";
const seenOverlap = "2020-01-01T00:00:00.000Z";
const texts = { name: "Renamed", description: "Other" };
const problem = { reason: "request_timeout", detail: "Request timeout" };
const urls = { privacyPolicyUrl: "", termsOfUseUrl: "" };
const account = { name: "Somebody", password: "quite a long password" };
const channel = ({ ids: { channelId } }: Given) => ({ channelId });
const inChannel = ({ ids: { channelId } }: Given) => ({ placeId: channelId });
const inProvider = ({ ids: { providerId } }: Given) => ({ placeId: providerId });

const links: Record<string, ActionEntry> = {
  "(auth)/sign-up/[token]/actions.ts#signUp": {
    ...byLink("signUp"),
    fields: ({ token }) => ({ token, ...account }),
  },
  "(auth)/reset-password/[token]/actions.ts#reset": {
    ...byLink("resetPassword"),
    answer: "sign in",
    fields: ({ token }) => ({ token, password: account.password }),
  },
  "(auth)/verify-email/[token]/actions.ts#verify": {
    ...byLink("verifyEmail"),
    fields: ({ token }) => ({ token }),
  },
  "(auth)/email-change/[token]/actions.ts#confirm": {
    ...byLink("emailChange"),
    fields: ({ token }) => ({ token }),
  },
  "(auth)/invitation/[token]/actions.ts#accept": {
    ...byLink("invitation"),
    who: roles.filter(isPerson),
    fields: ({ token }) => ({ token }),
  },
  "(auth)/invitation/[token]/actions.ts#ask": {
    ...byLink("invitationOfAnother"),
    who: roles.filter(isPerson),
    fields: ({ token }) => ({ token }),
  },
  "(auth)/invitation/[token]/actions.ts#acceptAsNew": {
    ...byLink("invitationOfAnother"),
    fields: ({ token }) => ({ token, ...account }),
  },
  "(auth)/confirm-address/[token]/actions.ts#confirm": {
    ...byLink("confirmAddress"),
    fields: ({ token }) => ({ link: token }),
  },
  "(auth)/unsubscribe/[token]/actions.ts#stopMails": {
    ...byLink("unsubscribe"),
    fields: ({ token }) => ({ link: token }),
  },
};

const visitors: Record<string, ActionEntry> = {
  "(auth)/actions.ts#setUp": { ...open, fields: () => ({ ...account, email: fresh() }) },
  "(auth)/actions.ts#signIn": {
    ...open,
    fields: () => ({ email: fresh(), password: "not the password" }),
  },
  "(auth)/actions.ts#signInWithCode": { ...open, fields: () => ({ code: "000000" }) },
  "(auth)/actions.ts#signInWithProvider": { ...open, fields: () => ({ provider: "github" }) },
  "(auth)/actions.ts#signOut": { ...leadsToSignIn, fields: () => ({}) },
  "(auth)/actions.ts#switchLanguage": { ...open, fields: () => ({ locale: "en" }) },
  "(auth)/actions.ts#switchTheme": { ...open, fields: () => ({ theme: "system" }) },
  "(auth)/forgot-password/actions.ts#askForReset": { ...open, fields: () => ({ email: fresh() }) },
  "(auth)/sign-up/actions.ts#askForAccount": { ...open, fields: () => ({ email: fresh() }) },
};

const profile: Record<string, ActionEntry> = {
  "profile/basics/actions.ts#edit": {
    ...anyAccount,
    fields: () => ({ name: "Somebody", locale: "en", timeZone: "", theme: "system" }),
  },
  "profile/basics/actions.ts#setQuietHours": {
    ...anyAccount,
    fields: () => ({ quiet: "on", from: "22:00", to: "07:00", weekday1: "on" }),
    others: [() => ({})],
  },
  "profile/basics/actions.ts#changeEmail": {
    ...anyAccount,
    fields: ({ password }) => ({ currentPassword: password, newEmail: fresh() }),
  },
  "profile/basics/actions.ts#dropEmailChange": { ...anyAccount, fields: () => ({}) },
  "profile/basics/actions.ts#askForVerification": { ...anyAccount, fields: () => ({}) },
  "profile/security/actions.ts#changePassword": {
    ...anyAccount,
    fields: () => ({ currentPassword: "not the password", password: account.password }),
  },
  "profile/security/actions.ts#confirmPerson": {
    ...anyAccount,
    fields: () => ({ currentPassword: "not the password" }),
  },
  "profile/security/actions.ts#offerFactor": {
    ...anyAccount,
    fields: () => ({ currentPassword: "not the password" }),
  },
  "profile/security/actions.ts#withdrawFactor": { ...anyAccount, fields: () => ({}) },
  "profile/security/actions.ts#confirmFactor": {
    ...anyAccount,
    fields: () => ({ code: "000000" }),
  },
  "profile/security/actions.ts#removeFactor": { ...anyAccount, fields: () => ({ code: "000000" }) },
  "profile/security/actions.ts#renewCodes": { ...anyAccount, fields: () => ({ code: "000000" }) },
  "profile/security/actions.ts#link": { ...anyAccount, fields: () => ({ provider: "github" }) },
  "profile/security/actions.ts#unlink": { ...anyAccount, fields: () => ({ provider: "github" }) },
  "profile/security/actions.ts#signInAgain": {
    ...anyAccount,
    fields: () => ({ provider: "github", next: "/console/profile/security" }),
  },
  "profile/security/actions.ts#endOne": { ...anyAccount, fields: () => ({ key: "unknown" }) },
  "profile/security/actions.ts#endOthers": { ...anyAccount, fields: () => ({}) },
  "profile/security/actions.ts#remove": {
    ...anyAccount,
    answer: "sign in",
    fields: ({ password }) => ({ currentPassword: password }),
  },
};

const channels: Record<string, ActionEntry> = {
  "channel/[channelId]/basics/actions.ts#editBasics": {
    ...channelAdmins,
    // Somebody else saved meanwhile.
    fields: (given) => ({
      ...channel(given),
      version: "999999",
      ...texts,
      ...urls,
      email: "team@example.com",
    }),
  },
  "channel/[channelId]/basics/actions.ts#uploadIcon": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), icon: new Blob(["no picture"]) }),
  },
  "channel/[channelId]/actions.ts#pin": {
    ...channelPeople,
    fields: (given) => ({ ...channel(given), pinned: "true" }),
  },
  "channel/[channelId]/basics/actions.ts#removeIcon": { ...channelAdmins, fields: channel },
  "channel/[channelId]/basics/actions.ts#revealSecret": { ...channelAdmins, fields: channel },
  "channel/[channelId]/basics/actions.ts#issueSecret": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), when: "at_once", seenOverlap: "" }),
    others: [(given) => ({ ...channel(given), when: "overlap", seenOverlap: "" })],
  },
  "channel/[channelId]/basics/actions.ts#switchSecretNow": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), seenOverlap }),
  },
  "channel/[channelId]/basics/actions.ts#keepOldSecret": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), seenOverlap }),
  },
  "channel/[channelId]/basics/actions.ts#leave": { ...channelLeavers, fields: channel },
  "channel/[channelId]/basics/actions.ts#remove": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), confirmation: "not its name" }),
  },
  "channel/[channelId]/messaging-api/actions.ts#updateUrl": {
    ...channelAdmins,
    fields: (given) => ({
      ...channel(given),
      webhookUrl: "https://other.example.com/",
      seenUrl: "https://stale.example.com/",
    }),
  },
  "channel/[channelId]/messaging-api/actions.ts#turnSwitch": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), name: "useWebhook", on: "true" }),
    others: switchNames
      .filter((name) => name !== "useWebhook")
      .map((name) => (given: Given) => ({ ...channel(given), name, on: "true" })),
  },
  "channel/[channelId]/messaging-api/actions.ts#resumeSending": {
    ...channelAdmins,
    fields: channel,
  },
  "channel/[channelId]/messaging-api/actions.ts#dismissSetUp": {
    ...channelAdmins,
    fields: channel,
  },
  "channel/[channelId]/messaging-api/actions.ts#verify": { ...channelAdmins, fields: channel },
  "channel/[channelId]/messaging-api/actions.ts#checkSignature": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), body: "{}", signature: "none" }),
  },
  "channel/[channelId]/messaging-api/actions.ts#issueToken": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), keepHours: "24" }),
    others: [channel, (given) => ({ ...channel(given), keepHours: "1" })],
  },
  "channel/[channelId]/messaging-api/actions.ts#revokeTokens": {
    ...channelAdmins,
    fields: channel,
  },
  "channel/[channelId]/notifications/actions.ts#apply": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), company: "C", contact: "C", reason: "R" }),
  },
  "channel/[channelId]/notifications/actions.ts#save": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), whose: "own", types: "error_detected" }),
    others: [
      (given) => ({ ...channel(given), whose: "channel", types: "error_detected" }),
      (given) => ({ ...channel(given), whose: "channel", weekly: "on", confirmed: "on" }),
    ],
  },
  "channel/[channelId]/notifications/actions.ts#setThreshold": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), kind: "count", count: "10" }),
    others: [
      (given) => ({ ...channel(given), kind: "rate", rate: "5" }),
      (given) => ({ ...channel(given), kind: "share", share: "20" }),
      (given) => ({ ...channel(given), kind: "every" }),
    ],
  },
  "channel/[channelId]/notifications/actions.ts#setQuietHours": {
    ...channelAdmins,
    fields: (given) => ({
      ...{ ...channel(given), timeZone: "Asia/Tokyo" },
      ...{ quiet: "on", from: "22:00", to: "07:00", weekday1: "on" },
    }),
    others: [(given) => ({ ...channel(given), timeZone: "Asia/Tokyo" })],
  },
  "channel/[channelId]/notifications/actions.ts#askAgain": { ...channelAdmins, fields: channel },
  "channel/[channelId]/notifications/actions.ts#sendTest": { ...channelAdmins, fields: channel },
  "channel/[channelId]/notifications/actions.ts#addTarget": {
    ...channelAdmins,
    fields: (given) => ({
      ...channel(given),
      kind: "webhook",
      name: "Pager",
      url: "https://alerts.example.com/",
    }),
    others: [
      (given) => ({
        ...{ ...channel(given), kind: "slack", name: "Chat" },
        url: "https://alerts.example.com/slack",
      }),
      (given) => ({
        ...{ ...channel(given), kind: "pagerduty", name: "Incidents" },
        ...{ url: "https://alerts.example.com/pd", token: "0".repeat(32) },
      }),
    ],
  },
  "channel/[channelId]/notifications/actions.ts#removeTarget": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), targetId: given.ids.targetId }),
  },
  "channel/[channelId]/notifications/actions.ts#testTarget": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), targetId: given.ids.targetId }),
  },
  "channel/[channelId]/roles/actions.ts#invite": {
    ...channelAdmins,
    fields: (given) => ({ ...inChannel(given), email: fresh(), role }),
    others: ["admin", "tester"].map((other) => (given: Given) => ({
      ...inChannel(given),
      email: fresh(),
      role: other,
    })),
  },
  "channel/[channelId]/roles/actions.ts#sendAgain": {
    ...channelAdmins,
    fields: (given) => ({ ...inChannel(given), invitationId: given.ids.channelInvitationId }),
  },
  "channel/[channelId]/roles/actions.ts#cancel": {
    ...channelAdmins,
    fields: (given) => ({ ...inChannel(given), invitationId: given.ids.channelInvitationId }),
  },
  "channel/[channelId]/roles/actions.ts#importFromProvider": {
    ...channelAdmins,
    fields: (given) => ({ ...inChannel(given), userIds: given.ids.userId, role }),
    others: [(given) => ({ ...inChannel(given), userIds: given.ids.userId, role: "admin" })],
  },
  "channel/[channelId]/roles/actions.ts#change": {
    ...channelAdmins,
    fields: (given) => ({ ...inChannel(given), userId: given.ids.userId, role: "tester" }),
    others: [
      (given) => ({ ...inChannel(given), userId: given.ids.userId, role: "admin" }),
      (given) => ({
        ...{ ...inChannel(given), userId: given.ids.userId, role: "member" },
        seenRole: "admin",
      }),
    ],
  },
  "channel/[channelId]/roles/actions.ts#remove": {
    ...channelAdmins,
    fields: (given) => ({ ...inChannel(given), userIds: given.ids.userId }),
  },
  "channel/[channelId]/statistics/errors/actions.ts#mute": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), ...problem, span: "1h" }),
    others: muteSpans
      .filter((span) => span !== "1h")
      .map((span) => (given: Given) => ({ ...channel(given), ...problem, span })),
  },
  "channel/[channelId]/statistics/errors/actions.ts#unmute": {
    ...channelAdmins,
    fields: (given) => ({ ...channel(given), ...problem }),
  },
  "channel/[channelId]/statistics/errors/actions.ts#take": {
    ...channelMembers,
    fields: (given) => ({ ...channel(given), ...problem }),
  },
  "channel/[channelId]/statistics/errors/actions.ts#giveBack": {
    ...channelMembers,
    fields: (given) => ({ ...channel(given), ...problem }),
  },
  "channel/[channelId]/statistics/deliveries/actions.ts#redeliver": {
    ...channelMembers,
    fields: (given) => ({ ...channel(given), webhookId: given.ids.webhookId }),
  },
  "channel/[channelId]/statistics/deliveries/actions.ts#startJob": {
    ...channelMembers,
    fields: (given) => ({ ...channel(given), search: "?range=24h", until: "1000", rate: "5" }),
    others: [
      (given) => ({
        ...channel(given),
        search: "?range=7d&state=failed",
        until: "1000",
        rate: "5",
      }),
    ],
  },
  "channel/[channelId]/statistics/deliveries/actions.ts#cancelJob": {
    ...channelMembers,
    fields: (given) => ({ ...channel(given), jobId: given.ids.jobId }),
  },
};

const providers: Record<string, ActionEntry> = {
  "provider/new/actions.ts#create": { ...operators, fields: () => ({ name: "Made by a test" }) },
  "provider/[providerId]/channels/actions.ts#leave": { ...providerLeavers, fields: inProvider },
  "provider/[providerId]/channels/new/actions.ts#create": {
    ...providerAdmins,
    fields: ({ ids: { providerId } }) => ({
      providerId,
      ...texts,
      name: "New bot",
      email: "team@example.com",
    }),
  },
  "provider/[providerId]/roles/actions.ts#invite": {
    ...providerAdmins,
    fields: (given) => ({ ...inProvider(given), email: fresh(), role }),
    others: ["admin", "tester"].map((other) => (given: Given) => ({
      ...inProvider(given),
      email: fresh(),
      role: other,
    })),
  },
  "provider/[providerId]/roles/actions.ts#sendAgain": {
    ...providerAdmins,
    fields: (given) => ({ ...inProvider(given), invitationId: given.ids.providerInvitationId }),
  },
  "provider/[providerId]/roles/actions.ts#cancel": {
    ...providerAdmins,
    fields: (given) => ({ ...inProvider(given), invitationId: given.ids.providerInvitationId }),
  },
  "provider/[providerId]/roles/actions.ts#change": {
    ...providerAdmins,
    fields: (given) => ({ ...inProvider(given), userId: given.ids.userId, role }),
    others: [(given) => ({ ...inProvider(given), userId: given.ids.userId, role: "admin" })],
  },
  "provider/[providerId]/roles/actions.ts#remove": {
    ...providerAdmins,
    fields: (given) => ({ ...inProvider(given), userIds: given.ids.userId }),
    others: [(given) => ({ ...inProvider(given), userIds: given.ids.userId, fromChannels: "on" })],
  },
  "provider/[providerId]/settings/actions.ts#rename": {
    ...providerAdmins,
    // Somebody else saved meanwhile.
    fields: ({ ids: { providerId } }) => ({ providerId, version: "999999", name: "Renamed" }),
  },
  "provider/[providerId]/settings/actions.ts#remove": {
    ...providerAdmins,
    fields: ({ ids: { providerId } }) => ({ providerId, confirmation: "not its name" }),
  },
};

const unknownId = "019b0000-0000-7000-8000-00000000ffff";
const operations: Record<string, ActionEntry> = {
  "operations/addresses/actions.ts#lift": {
    ...operators,
    fields: () => ({ address: "gone@example.com" }),
  },
  "operations/outbox/actions.ts#again": { ...operators, fields: () => ({ mailId: unknownId }) },
  "operations/outbox/actions.ts#dismiss": { ...operators, fields: () => ({ kind: "sender" }) },
  "operations/outbox/actions.ts#test": { ...operators, fields: () => ({}) },
  "operations/applications/actions.ts#decide": {
    ...operators,
    fields: ({ ids: { grantId } }) => ({ grantId, decision: "approved", note: "" }),
    others: ["rejected", "withdrawn"].map((decision) => ({ ids: { grantId } }: Given) => ({
      ...{ grantId, decision, note: "Reason" },
    })),
  },
  "operations/channels/actions.ts#disable": {
    ...operators,
    fields: () => ({ channelId: "1000000000", disabled: "true" }),
    others: [() => ({ channelId: "1000000000", disabled: "false" })],
  },
  "operations/invitations/actions.ts#invite": { ...operators, fields: () => ({ email: fresh() }) },
  "operations/invitations/actions.ts#sendAgain": {
    ...operators,
    fields: () => ({ invitationId: unknownId }),
  },
  "operations/invitations/actions.ts#cancel": {
    ...operators,
    fields: () => ({ invitationId: unknownId }),
  },
  "operations/platform-keys/actions.ts#create": {
    ...operators,
    fields: () => ({ name: "Made by a test" }),
  },
  "operations/platform-keys/actions.ts#revoke": { ...operators, fields: () => ({ id: unknownId }) },
  "operations/providers/actions.ts#disable": {
    ...operators,
    fields: () => ({ providerId: "1000000000", disabled: "true" }),
    others: [() => ({ providerId: "1000000000", disabled: "false" })],
  },
  "operations/set-aside/actions.ts#release": { ...operators, fields: () => ({ id: unknownId }) },
  "operations/set-aside/actions.ts#end": { ...operators, fields: () => ({ id: unknownId }) },
  "operations/users/actions.ts#disable": {
    ...operators,
    fields: () => ({ userId: unknownId, disabled: "true" }),
    others: [() => ({ userId: unknownId, disabled: "false" })],
  },
};

/**
 * Who may do what by a form, by `<file under app>#<name>`. An action of the build that is missing here fails the test. Whoever
 * may, does it, so what is asked for either suits any order or is refused by a rule.
 */
export const actions: Record<string, ActionEntry> = {
  ...links,
  ...visitors,
  ...profile,
  ...channels,
  ...providers,
  ...operations,
};

/** Forms that name something inside the place: it is found under that place alone, whoever holds which of the two. */
export const withinPlaces = [
  "channel/[channelId]/notifications/actions.ts#removeTarget",
  "channel/[channelId]/notifications/actions.ts#testTarget",
  "channel/[channelId]/roles/actions.ts#sendAgain",
  "channel/[channelId]/roles/actions.ts#cancel",
  "channel/[channelId]/roles/actions.ts#importFromProvider",
  "channel/[channelId]/roles/actions.ts#change",
  "channel/[channelId]/roles/actions.ts#remove",
  "channel/[channelId]/statistics/deliveries/actions.ts#redeliver",
  "channel/[channelId]/statistics/deliveries/actions.ts#cancelJob",
  "provider/[providerId]/roles/actions.ts#sendAgain",
  "provider/[providerId]/roles/actions.ts#cancel",
  "provider/[providerId]/roles/actions.ts#change",
  "provider/[providerId]/roles/actions.ts#remove",
];
