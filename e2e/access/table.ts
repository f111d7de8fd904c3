import type { Ids, Role } from "./world.ts";

// Who reaches what of the console. A page, route handler or action of the build that is missing here fails the test.

export type Whose = "channel" | "provider" | "nothing";
/** `whose`: what its address or form names. `who` may; everybody else is answered as if it were not there. */
export type Entry = { whose: Whose; who: readonly Role[] };

const everybody: readonly Role[] = [
  "none",
  "stranger",
  "providerAdmin",
  "providerMember",
  "channelAdmin",
  "channelMember",
  "channelTester",
  "operator",
];
const signedIn = everybody.filter((role) => role !== "none");
const inProvider = signedIn.filter((role) => role !== "stranger");
const inChannel: readonly Role[] = ["channelAdmin", "channelMember", "channelTester"];

const open: Entry = { whose: "nothing", who: everybody };
const anyAccount: Entry = { whose: "nothing", who: signedIn };
const operators: Entry = { whose: "nothing", who: ["operator"] };
const channelAdmins: Entry = { whose: "channel", who: ["channelAdmin"] };
const channelMembers: Entry = { whose: "channel", who: ["channelAdmin", "channelMember"] };
const channelPeople: Entry = { whose: "channel", who: inChannel };
const providerAdmins: Entry = { whose: "provider", who: ["providerAdmin", "operator"] };
const providerPeople: Entry = { whose: "provider", who: inProvider };

/** By the path of the build, without `(group)`s. */
export const routes: Record<string, Entry> = {
  "/page": open,
  "/sign-in/page": open,
  "/_not-found/page": open,
  "/_global-error/page": open,
  "/icon.svg/route": open,
  "/healthz/route": open,
  "/readyz/route": open,
  "/metrics/route": open,
  "/forgot-password/page": open,
  "/console/page": anyAccount,
  "/console/profile/page": anyAccount,
  "/console/profile/basics/page": anyAccount,
  "/console/profile/security/page": anyAccount,
  "/console/channel/[channelId]/page": channelPeople,
  "/console/channel/[channelId]/basics/page": channelPeople,
  "/console/channel/[channelId]/messaging-api/page": channelAdmins,
  "/console/channel/[channelId]/roles/page": channelAdmins,
  "/console/channel/[channelId]/audit/page": channelAdmins,
  "/console/channel/[channelId]/notifications/page": channelAdmins,
  "/console/channel/[channelId]/audit/tsv/route": channelAdmins,
  "/console/channel/[channelId]/statistics/page": channelMembers,
  "/console/channel/[channelId]/statistics/errors/page": channelMembers,
  "/console/channel/[channelId]/statistics/errors/tsv/route": channelMembers,
  "/console/channel/[channelId]/statistics/deliveries/page": channelMembers,
  "/console/channel/[channelId]/statistics/live/route": channelMembers,
  "/console/provider/new/page": operators,
  "/console/provider/[providerId]/page": providerPeople,
  "/console/provider/[providerId]/channels/page": providerPeople,
  "/console/provider/[providerId]/channels/new/page": providerAdmins,
  "/console/provider/[providerId]/roles/page": providerAdmins,
  "/console/provider/[providerId]/settings/page": providerAdmins,
  "/console/provider/[providerId]/audit/page": providerAdmins,
  "/console/provider/[providerId]/audit/tsv/route": providerAdmins,
  "/console/operations/page": operators,
  "/console/operations/addresses/page": operators,
  "/console/operations/applications/page": operators,
  "/console/operations/audit/page": operators,
  "/console/operations/audit/tsv/route": operators,
  "/console/operations/channels/page": operators,
  "/console/operations/invitations/page": operators,
  "/console/operations/outbox/page": operators,
  "/console/operations/platform-keys/page": operators,
  "/console/operations/providers/page": operators,
  "/console/operations/set-aside/page": operators,
  "/console/operations/users/page": operators,
};

/** Those that no address of this test reaches as an allowed one, and what is done instead. */
export const elsewhere: Record<string, string> = {
  "/confirm-address/[token]/page": "for whoever has the link (lib/notifications)",
  "/unsubscribe/[token]/page": "for whoever has the link (lib/notifications)",
  "/unsubscribe/[token]/one-click/route": "for whoever has the link (lib/notifications)",
  "/console/channel/[channelId]/notifications/mails/[mailId]/page": "needs a mail of the channel",
  "/setup/page": "set-up is done already: leads to sign-in",
  "/api/auth/callback/[provider]/route": "answers a sign-in under way at a provider (lib/accounts)",
  "/sign-up/page": "not there unless sign-up is open",
  "/sign-up/[token]/page": "for whoever has the link (lib/accounts)",
  "/sign-in/code/page": "for whoever has given the password (lib/accounts)",
  "/email-change/[token]/page": "for whoever has the link (lib/accounts)",
  "/reset-password/[token]/page": "for whoever has the link (lib/accounts)",
  "/verify-email/[token]/page": "for whoever has the link (lib/accounts)",
  "/invitation/[token]/page": "for whoever has the link (lib/invitations)",
  "/console/channel/[channelId]/icon/route":
    "without an icon it is not found for anybody (lib/channels/icon)",
  "/console/channel/[channelId]/messaging-api/verify/route": "a POST: asked below, by its own name",
  "/console/channel/[channelId]/statistics/deliveries/[webhookId]/page":
    "needs a webhook of the log",
  "/console/operations/outbox/[mailId]/page": "needs a mail",
};

type Fields = (ids: Ids) => Record<string, string>;
export type ActionEntry = Entry & { fields: Fields };

const uuid = "019b0000-0000-7000-8000-00000000ffff";
const channel =
  (extra: Record<string, string> = {}): Fields =>
  ({ channelId }) => ({ channelId, ...extra });
const provider =
  (extra: Record<string, string> = {}): Fields =>
  ({ providerId }) => ({ providerId, ...extra });
const place =
  (kind: "channelId" | "providerId", extra: Record<string, string>): Fields =>
  (ids) => ({ placeId: ids[kind], ...extra });
const nothing =
  (extra: Record<string, string>): Fields =>
  () =>
    extra;

const seenOverlap = "2020-01-01T00:00:00.000Z";
const texts = { name: "Renamed", description: "Other", email: "team@example.com" };
const urls = { privacyPolicyUrl: "", termsOfUseUrl: "" };

/**
 * By `<file under app>#<name>`. The fields are valid, so that who asks decides, and ask for something that is refused or
 * changes nothing, so that every cell starts from the same world.
 */
export const actions: Record<string, ActionEntry> = {
  "channel/[channelId]/basics/actions.ts#editBasics": {
    ...channelAdmins,
    fields: channel({ version: "999999", ...texts, ...urls }),
  },
  "channel/[channelId]/basics/actions.ts#removeIcon": { ...channelAdmins, fields: channel() },
  "channel/[channelId]/basics/actions.ts#revealSecret": { ...channelAdmins, fields: channel() },
  "channel/[channelId]/basics/actions.ts#issueSecret": {
    ...channelAdmins,
    fields: channel({ when: "at_once", seenOverlap: "" }),
  },
  "channel/[channelId]/basics/actions.ts#switchSecretNow": {
    ...channelAdmins,
    fields: channel({ seenOverlap }),
  },
  "channel/[channelId]/basics/actions.ts#keepOldSecret": {
    ...channelAdmins,
    fields: channel({ seenOverlap }),
  },
  "channel/[channelId]/basics/actions.ts#remove": {
    ...channelAdmins,
    fields: channel({ confirmation: "not its name" }),
  },
  "channel/[channelId]/messaging-api/actions.ts#updateUrl": {
    ...channelAdmins,
    fields: channel({
      webhookUrl: "https://other.example.com/",
      seenUrl: "https://stale.example.com/",
    }),
  },
  "channel/[channelId]/messaging-api/actions.ts#turnSwitch": {
    ...channelAdmins,
    fields: channel({ name: "useWebhook", on: "true" }),
  },
  "channel/[channelId]/messaging-api/actions.ts#resumeSending": {
    ...channelAdmins,
    fields: channel(),
  },
  "channel/[channelId]/messaging-api/actions.ts#verify": { ...channelAdmins, fields: channel() },
  "channel/[channelId]/notifications/actions.ts#removeTarget": {
    ...channelAdmins,
    fields: channel({ targetId: uuid }),
  },
  "channel/[channelId]/notifications/actions.ts#testTarget": {
    ...channelAdmins,
    fields: channel({ targetId: uuid }),
  },
  "channel/[channelId]/roles/actions.ts#invite": {
    ...channelAdmins,
    fields: place("channelId", { email: "nobody@example.com", role: "admin" }),
  },
  "channel/[channelId]/roles/actions.ts#sendAgain": {
    ...channelAdmins,
    fields: place("channelId", { invitationId: uuid }),
  },
  "channel/[channelId]/roles/actions.ts#cancel": {
    ...channelAdmins,
    fields: place("channelId", { invitationId: uuid }),
  },
  "channel/[channelId]/roles/actions.ts#importFromProvider": {
    ...channelAdmins,
    fields: place("channelId", { userIds: uuid, role: "tester" }),
  },
  "channel/[channelId]/roles/actions.ts#change": {
    ...channelAdmins,
    fields: place("channelId", { userId: uuid, role: "admin" }),
  },
  "channel/[channelId]/roles/actions.ts#remove": {
    ...channelAdmins,
    fields: place("channelId", { userIds: uuid }),
  },
  "channel/[channelId]/statistics/deliveries/actions.ts#redeliver": {
    ...channelMembers,
    fields: channel({ webhookId: uuid }),
  },
  "channel/[channelId]/statistics/deliveries/actions.ts#cancelJob": {
    ...channelMembers,
    fields: channel({ jobId: uuid }),
  },
  "provider/[providerId]/channels/new/actions.ts#create": {
    ...providerAdmins,
    fields: provider({ ...texts, name: "New bot" }),
  },
  "provider/[providerId]/roles/actions.ts#invite": {
    ...providerAdmins,
    fields: place("providerId", { email: "nobody@example.com", role: "admin" }),
  },
  "provider/[providerId]/roles/actions.ts#sendAgain": {
    ...providerAdmins,
    fields: place("providerId", { invitationId: uuid }),
  },
  "provider/[providerId]/roles/actions.ts#cancel": {
    ...providerAdmins,
    fields: place("providerId", { invitationId: uuid }),
  },
  "provider/[providerId]/roles/actions.ts#change": {
    ...providerAdmins,
    fields: place("providerId", { userId: uuid, role: "admin" }),
  },
  "provider/[providerId]/roles/actions.ts#remove": {
    ...providerAdmins,
    fields: place("providerId", { userIds: uuid }),
  },
  "provider/[providerId]/settings/actions.ts#rename": {
    ...providerAdmins,
    fields: provider({ version: "999999", name: "Renamed" }),
  },
  "provider/[providerId]/settings/actions.ts#remove": {
    ...providerAdmins,
    fields: provider({ confirmation: "not its name" }),
  },
  "provider/new/actions.ts#create": { ...operators, fields: nothing({ name: "Made by a test" }) },
  "operations/users/actions.ts#disable": {
    ...operators,
    fields: nothing({ userId: uuid, disabled: "true" }),
  },
  "operations/channels/actions.ts#disable": {
    ...operators,
    fields: nothing({ channelId: "1000000000", disabled: "true" }),
  },
  "operations/invitations/actions.ts#invite": {
    ...operators,
    fields: nothing({ email: "new@example.com" }),
  },
  "operations/invitations/actions.ts#sendAgain": {
    ...operators,
    fields: nothing({ invitationId: uuid }),
  },
  "operations/invitations/actions.ts#cancel": {
    ...operators,
    fields: nothing({ invitationId: uuid }),
  },
  "profile/basics/actions.ts#changeEmail": {
    ...anyAccount,
    fields: nothing({ currentPassword: "not the password", newEmail: "other@example.com" }),
  },
  "profile/basics/actions.ts#dropEmailChange": { ...anyAccount, fields: nothing({}) },
  "profile/security/actions.ts#withdrawFactor": { ...anyAccount, fields: nothing({}) },
  "profile/security/actions.ts#endOne": { ...anyAccount, fields: nothing({ key: "unknown" }) },
  "operations/platform-keys/actions.ts#create": {
    ...operators,
    fields: nothing({ name: "Made by a test" }),
  },
  "operations/platform-keys/actions.ts#revoke": { ...operators, fields: nothing({ id: uuid }) },
  "operations/set-aside/actions.ts#release": { ...operators, fields: nothing({ id: uuid }) },
  "operations/set-aside/actions.ts#end": { ...operators, fields: nothing({ id: uuid }) },
};

/** Actions that are asked elsewhere, and where. */
export const actionsElsewhere: Record<string, string> = {
  "(auth)/confirm-address/[token]/actions.ts#confirm":
    "for whoever has the link (lib/notifications)",
  "(auth)/unsubscribe/[token]/actions.ts#stopMails": "for whoever has the link (lib/notifications)",
  "channel/[channelId]/notifications/actions.ts#addTarget": "the same check as removeTarget",
  "channel/[channelId]/notifications/actions.ts#apply": "the same check as removeTarget",
  "channel/[channelId]/notifications/actions.ts#askAgain":
    "the same check as removeTarget; sends a mail",
  "channel/[channelId]/notifications/actions.ts#save": "the same check as removeTarget",
  "channel/[channelId]/notifications/actions.ts#sendTest":
    "the same check as removeTarget; sends a mail",
  "operations/addresses/actions.ts#lift": "the same check as the other actions of operators",
  "operations/applications/actions.ts#decide": "the same check as the other actions of operators",
  "(auth)/actions.ts#signInWithCode": "for whoever has given the password (lib/accounts)",
  "(auth)/actions.ts#signInWithProvider": "for visitors (lib/accounts)",
  "(auth)/email-change/[token]/actions.ts#confirm": "for whoever has the link (lib/accounts)",
  "(auth)/forgot-password/actions.ts#askForReset": "for visitors (lib/accounts)",
  "(auth)/invitation/[token]/actions.ts#accept": "for whoever has the link (lib/invitations)",
  "(auth)/invitation/[token]/actions.ts#acceptAsNew": "for whoever has the link (lib/invitations)",
  "(auth)/invitation/[token]/actions.ts#ask": "for whoever has the link (lib/invitations)",
  "(auth)/reset-password/[token]/actions.ts#reset": "for whoever has the link (lib/accounts)",
  "(auth)/sign-up/[token]/actions.ts#signUp": "for whoever has the link (lib/accounts)",
  "(auth)/sign-up/actions.ts#askForAccount": "for visitors (lib/accounts)",
  "(auth)/verify-email/[token]/actions.ts#verify": "for whoever has the link (lib/accounts)",
  "profile/basics/actions.ts#askForVerification": "one's own account; sends a mail",
  "profile/basics/actions.ts#edit": "one's own account",
  "profile/security/actions.ts#changePassword": "one's own account, by its password",
  "profile/security/actions.ts#confirmFactor": "one's own account, by a code",
  "profile/security/actions.ts#endOthers": "one's own sessions",
  "profile/security/actions.ts#link": "one's own account; begins a sign-in at a provider",
  "profile/security/actions.ts#offerFactor": "one's own account, by its password",
  "profile/security/actions.ts#remove": "one's own account, by its password",
  "profile/security/actions.ts#removeFactor": "one's own account, by a code",
  "profile/security/actions.ts#renewCodes": "one's own account, by a code",
  "profile/security/actions.ts#unlink": "one's own account",
  "provider/[providerId]/channels/actions.ts#leave":
    "ends the role that this test needs (lib/members)",
  "(auth)/actions.ts#setUp": "for visitors; done already, so it is refused (lib/accounts)",
  "(auth)/actions.ts#signIn": "for visitors (journey.spec.ts)",
  "(auth)/actions.ts#signOut": "for anybody (journey.spec.ts)",
  "(auth)/actions.ts#switchLanguage": "for anybody",
  "channel/[channelId]/basics/actions.ts#leave":
    "ends the role that this test needs (roles.spec.ts)",
  "channel/[channelId]/basics/actions.ts#uploadIcon": "takes a file; the same check as editBasics",
  "channel/[channelId]/statistics/deliveries/actions.ts#startJob":
    "takes a filter; the same check as redeliver",
};
