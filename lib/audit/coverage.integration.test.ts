import { readdirSync, readFileSync } from "node:fs";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOperator, setUpOperator, signInWithPassword } from "#lib/accounts/commands.ts";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import * as alerts from "#lib/alerts/commands.ts";
import { checkSignature } from "#lib/channels/check-signature.ts";
import * as channels from "#lib/channels/commands.ts";
import * as addresses from "#lib/channels/confirm-address.ts";
import { setChannelDisabled } from "#lib/channels/disable.ts";
import { removeIcon, setIcon } from "#lib/channels/icon.ts";
import * as secrets from "#lib/channels/issue-secret.ts";
import { dismissSetUp } from "#lib/channels/set-up.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import { prepareVerify } from "#lib/channels/verify-webhook.ts";
import type { Database } from "#lib/db.ts";
import { openWebhook } from "#lib/delivery-log/open-webhook.ts";
import { exportDeliveries } from "#lib/delivery-log/stream-deliveries.ts";
import { takeAnswer } from "#lib/delivery-log/take-answer.ts";
import { resumeSending } from "#lib/endpoint-health/commands.ts";
import * as grants from "#lib/grants/commands.ts";
import * as members from "#lib/members/commands.ts";
import { openMail } from "#lib/notifications/open-mail.ts";
import { savePreferences } from "#lib/notifications/save-preferences.ts";
import { saveChannelQuietHours, saveOwnQuietHours } from "#lib/notifications/save-quiet-hours.ts";
import { saveThreshold } from "#lib/notifications/save-threshold.ts";
import { sendTestMail } from "#lib/notifications/send-test-mail.ts";
import { exportNotifications } from "#lib/notifications/stream-notifications.ts";
import { unsubscribe } from "#lib/notifications/unsubscribe.ts";
import { dismissNotice, raiseNotice } from "#lib/outbox/notices.ts";
import { postMail } from "#lib/outbox/post-mail.ts";
import { sendAgain } from "#lib/outbox/send-again.ts";
import { postServerTest } from "#lib/outbox/server-test.ts";
import { withPrisma } from "#lib/outbox/statement.ts";
import { liftSuppressions } from "#lib/outbox/suppressions.ts";
import * as problems from "#lib/problems/commands.ts";
import * as providers from "#lib/providers/commands.ts";
import { setProviderDisabled } from "#lib/providers/disable.ts";
import { decideSetAside } from "#lib/queue/decide-set-aside.ts";
import { proposedHours } from "#lib/quiet-hours/schema.ts";
import { cancelRedeliveryJob, startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { redeliverWebhooks } from "#lib/redeliveries/redeliver.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { issueChannelToken, revokeChannelTokens } from "#lib/tokens/channel-tokens.ts";
import { createPlatformKey, revokePlatformKey } from "#lib/tokens/platform-keys.ts";
import { acceptedAtOf, newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { accountRuns } from "#testing/account-runs.ts";
import {
  actorOf,
  createChannel,
  createMember,
  createProvider,
  createUser,
  testEncryptionKey as key,
  testActor,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { type AuditAction, auditActions } from "./actions.ts";
import { parseAuditSearch } from "./search.ts";
import { exportAudit } from "./stream-audit.ts";

const posting = { encryptionKey: key, keep: true, messageIdDomain: "example.com" };

/** Server actions and route handlers that write nothing a person would look for, and why. */
const unrecorded: Record<string, string> = {
  "(auth)/actions.ts#signInWithProvider": "leads elsewhere; what comes of it is recorded on return",
  "(auth)/sign-up/actions.ts#askForAccount": "mails a link; its use is recorded",
  "profile/security/actions.ts#offerFactor": "nothing is asked for until it is confirmed",
  "profile/security/actions.ts#withdrawFactor": "nothing was asked for yet",
  "profile/security/actions.ts#signInAgain":
    "leads elsewhere; what comes of it is recorded on return",
  "profile/security/actions.ts#link": "leads elsewhere; what comes of it is recorded on return",
  "channel/[channelId]/actions.ts#pin": "somebody's own side bar",
  "search/route.ts#GET": "finds what lists show",
  "channel/[channelId]/icon/route.ts#GET": "a picture that lists show",
  "(auth)/unsubscribe/[token]/one-click/route.ts#GET": "leads to the page with the button",
  "channel/[channelId]/statistics/live/route.ts#GET": "shows nothing; says when to look",
};

/** What each of the others writes into the log. A new one belongs here, or with its reason above. */
const recorded: Record<string, readonly AuditAction[]> = {
  "(auth)/actions.ts#setUp": ["set_up", "signed_in"],
  "(auth)/actions.ts#signIn": ["signed_in", "sign_in_refused"],
  "(auth)/actions.ts#signInWithCode": ["signed_in", "sign_in_refused"],
  "(auth)/forgot-password/actions.ts#askForReset": ["password_reset_asked"],
  "(auth)/actions.ts#signOut": ["signed_out"],
  "(auth)/actions.ts#switchLanguage": ["profile_edited"],
  "(auth)/actions.ts#switchTheme": ["profile_edited"],
  "(auth)/email-change/[token]/actions.ts#confirm": ["email_changed"],
  "(auth)/invitation/[token]/actions.ts#accept": ["invitation_accepted"],
  "(auth)/invitation/[token]/actions.ts#acceptAsNew": ["account_created", "invitation_accepted"],
  "(auth)/reset-password/[token]/actions.ts#reset": ["password_changed"],
  "(auth)/sign-up/[token]/actions.ts#signUp": ["account_created", "signed_in"],
  "(auth)/verify-email/[token]/actions.ts#verify": ["email_verified"],
  "(auth)/invitation/[token]/actions.ts#ask": ["inviter_asked"],
  "profile/basics/actions.ts#askForVerification": ["verification_asked"],
  "channel/[channelId]/messaging-api/actions.ts#verify": ["webhook_verified"],
  "channel/[channelId]/messaging-api/verify/route.ts#POST": ["webhook_verified"],
  "channel/[channelId]/messaging-api/actions.ts#checkSignature": ["signature_checked"],
  "channel/[channelId]/messaging-api/actions.ts#issueToken": ["channel_token_issued"],
  "channel/[channelId]/messaging-api/actions.ts#revokeTokens": ["channel_token_revoked"],
  "profile/basics/actions.ts#edit": ["profile_edited"],
  "profile/basics/actions.ts#setQuietHours": ["quiet_hours_set"],
  "profile/basics/actions.ts#changeEmail": ["email_change_asked"],
  "profile/basics/actions.ts#dropEmailChange": ["email_change_dropped"],
  "profile/security/actions.ts#changePassword": ["password_changed"],
  "profile/security/actions.ts#confirmPerson": ["person_confirmed"],
  "profile/security/actions.ts#confirmFactor": ["second_factor_on"],
  "profile/security/actions.ts#removeFactor": ["second_factor_off"],
  "profile/security/actions.ts#renewCodes": ["recovery_codes_made"],
  "profile/security/actions.ts#unlink": ["provider_unlinked"],
  "profile/security/actions.ts#endOne": ["sessions_ended"],
  "profile/security/actions.ts#endOthers": ["sessions_ended"],
  "profile/security/actions.ts#remove": ["account_deleted"],
  "operations/invitations/actions.ts#invite": ["invitation_sent"],
  "operations/invitations/actions.ts#sendAgain": ["invitation_sent_again"],
  "operations/invitations/actions.ts#cancel": ["invitation_cancelled"],
  "channel/[channelId]/basics/actions.ts#editBasics": ["channel_edited"],
  "channel/[channelId]/basics/actions.ts#uploadIcon": ["channel_icon_set"],
  "channel/[channelId]/basics/actions.ts#removeIcon": ["channel_icon_removed"],
  "operations/users/actions.ts#disable": ["user_disabled", "user_enabled"],
  "operations/channels/actions.ts#disable": ["channel_disabled", "channel_enabled"],
  "operations/providers/actions.ts#disable": ["provider_disabled", "provider_enabled"],
  "channel/[channelId]/basics/actions.ts#revealSecret": ["secret_revealed"],
  "channel/[channelId]/basics/actions.ts#issueSecret": ["secret_issued", "secret_overlap_begun"],
  "channel/[channelId]/basics/actions.ts#switchSecretNow": ["secret_switched"],
  "channel/[channelId]/basics/actions.ts#keepOldSecret": ["secret_overlap_cancelled"],
  "channel/[channelId]/basics/actions.ts#leave": ["member_left"],
  "channel/[channelId]/basics/actions.ts#remove": ["channel_deleted"],
  "channel/[channelId]/messaging-api/actions.ts#updateUrl": ["webhook_url_set"],
  "channel/[channelId]/messaging-api/actions.ts#turnSwitch": ["switch_turned"],
  "channel/[channelId]/messaging-api/actions.ts#resumeSending": ["sending_resumed"],
  "channel/[channelId]/messaging-api/actions.ts#dismissSetUp": ["set_up_dismissed"],
  "channel/[channelId]/roles/actions.ts#invite": ["invitation_sent"],
  "channel/[channelId]/roles/actions.ts#sendAgain": ["invitation_sent_again"],
  "channel/[channelId]/roles/actions.ts#cancel": ["invitation_cancelled"],
  "channel/[channelId]/roles/actions.ts#importFromProvider": ["member_added"],
  "channel/[channelId]/roles/actions.ts#change": ["member_role_changed"],
  "channel/[channelId]/roles/actions.ts#remove": ["member_removed"],
  "channel/[channelId]/statistics/deliveries/actions.ts#redeliver": ["webhooks_redelivered"],
  "channel/[channelId]/statistics/deliveries/actions.ts#startJob": ["redelivery_job_started"],
  "channel/[channelId]/statistics/deliveries/actions.ts#cancelJob": ["redelivery_job_cancelled"],
  "channel/[channelId]/statistics/deliveries/[webhookId]/answers/[attempt]/route.ts#GET": [
    "answer_downloaded",
  ],
  "channel/[channelId]/statistics/errors/tsv/route.ts#GET": ["errors_exported"],
  "channel/[channelId]/statistics/deliveries/tsv/route.ts#GET": ["deliveries_exported"],
  "channel/[channelId]/audit/tsv/route.ts#GET": ["audit_exported"],
  "channel/[channelId]/notifications/tsv/route.ts#GET": ["notifications_exported"],
  "provider/[providerId]/audit/tsv/route.ts#GET": ["audit_exported"],
  "operations/audit/tsv/route.ts#GET": ["audit_exported"],
  "operations/platform-keys/actions.ts#create": ["platform_key_created"],
  "operations/platform-keys/actions.ts#revoke": ["platform_key_revoked"],
  "operations/set-aside/actions.ts#release": ["set_aside_released"],
  "operations/set-aside/actions.ts#end": ["set_aside_ended"],
  "provider/[providerId]/channels/new/actions.ts#create": ["channel_created"],
  "provider/[providerId]/roles/actions.ts#invite": ["invitation_sent"],
  "provider/[providerId]/roles/actions.ts#sendAgain": ["invitation_sent_again"],
  "provider/[providerId]/roles/actions.ts#cancel": ["invitation_cancelled"],
  "provider/[providerId]/channels/actions.ts#leave": ["member_left"],
  "provider/[providerId]/roles/actions.ts#change": ["member_role_changed"],
  "provider/[providerId]/roles/actions.ts#remove": ["member_removed"],
  "provider/[providerId]/settings/actions.ts#rename": ["provider_renamed"],
  "provider/[providerId]/settings/actions.ts#remove": ["provider_deleted"],
  "provider/new/actions.ts#create": ["provider_created"],
  "(auth)/confirm-address/[token]/actions.ts#confirm": ["channel_address_confirmed"],
  "(auth)/unsubscribe/[token]/actions.ts#stopMails": ["mail_unsubscribed"],
  "(auth)/unsubscribe/[token]/one-click/route.ts#POST": ["mail_unsubscribed"],
  "channel/[channelId]/notifications/actions.ts#apply": ["notification_applied"],
  "channel/[channelId]/notifications/actions.ts#save": ["mail_preferences_changed"],
  "channel/[channelId]/notifications/actions.ts#setThreshold": ["threshold_changed"],
  "channel/[channelId]/notifications/actions.ts#setQuietHours": ["channel_quiet_hours_set"],
  "channel/[channelId]/notifications/actions.ts#askAgain": ["address_confirmation_sent"],
  "channel/[channelId]/notifications/actions.ts#sendTest": ["test_mail_sent"],
  "channel/[channelId]/notifications/actions.ts#addTarget": ["alert_target_added"],
  "channel/[channelId]/notifications/actions.ts#removeTarget": ["alert_target_removed"],
  "channel/[channelId]/notifications/actions.ts#testTarget": ["alert_target_tested"],
  "channel/[channelId]/statistics/errors/actions.ts#mute": ["problem_muted"],
  "channel/[channelId]/statistics/errors/actions.ts#unmute": ["problem_unmuted"],
  "channel/[channelId]/statistics/errors/actions.ts#take": ["problem_taken"],
  "channel/[channelId]/statistics/errors/actions.ts#giveBack": ["problem_given_back"],
  "operations/applications/actions.ts#decide": [
    "notification_approved",
    "notification_rejected",
    "notification_withdrawn",
  ],
  "operations/addresses/actions.ts#lift": ["mail_address_lifted"],
  "operations/outbox/actions.ts#again": ["mails_sent_again"],
  "operations/outbox/actions.ts#dismiss": ["mail_notice_dismissed"],
  "operations/outbox/actions.ts#test": ["mail_server_tested"],
};

test("every server action and route handler says what it writes into the audit log, or why nothing", () => {
  const declared = [...Object.keys(unrecorded), ...Object.keys(recorded)].sort();
  expect(listEntrances()).toEqual(declared);
});

/** `path#name` of every action and handler under app/, as its source exports it, without groups inside a part. */
function listEntrances(): string[] {
  const root = new URL("../../app/", import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(^|\/)(actions|route)\.ts$/.test(file),
  );
  return files
    .flatMap((file) => {
      const source = readFileSync(`${root}${file}`, "utf8");
      const names = [...source.matchAll(/^export (?:async function|const) (\w+)/gm)].map(
        ([, name]) => name,
      );
      const path = file.replace("(console)/console/", "").replaceAll(/\/\([^)]*\)/g, "");
      return names.map((name) => `${path}#${name}`);
    })
    .filter(
      (entrance) =>
        !/^(healthz|readyz|metrics|api)\//.test(entrance) && !/#(dynamic|runtime)$/.test(entrance),
    )
    .sort();
}

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const password = "a long enough password";
const visitor = { address: null, userAgent: "test" };
const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
const makeChannel = async () => (await createChannel(database.db)).id;

const operator = async (db: Database["db"]) => actorOf(await createUser(db, { isOperator: true }));

async function member(role: "admin" | "member" = "admin") {
  const channelId = await makeChannel();
  const { userId } = await createMember(database.db, channelId, { role });
  return {
    channelId,
    place: { kind: "channel" as const, id: channelId },
    actor: actorOf({ id: userId }),
  };
}

async function overlap() {
  const id = await makeChannel();
  return { id, from: await secrets.issueSecretWithOverlap(database.db, key, testActor, id) };
}

async function setAside(decision: "release" | "end") {
  const [row] = await database.db.$queryRaw<{ id: string }[]>`
    insert into set_aside_webhooks (id, channel_id, lane, attempt, failures, unrecorded_count, event_count, body)
    values (gen_random_uuid(), ${await makeChannel()}, 0, 1, 0, 3, 1, '{}') returning id`;
  await decideSetAside(database.db, testActor, row?.id ?? "", decision);
}

const picture = () =>
  sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } })
    .png()
    .toBuffer();

async function suspended() {
  const id = await makeChannel();
  await database.pool.query(
    `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail, suspended_at)
     values ($1, now(), 1, 'unclassified', 'x', now())`,
    [id],
  );
  return id;
}

/** A webhook that has ended, of a channel that can be sent to. */
async function ended() {
  const { id: channelId } = await createChannel(database.db, {
    useWebhook: true,
    webhookUrl: "https://bot.example.com/",
  });
  const webhookId = newWebhookId(new Date());
  await database.db.webhook.create({
    data: {
      channelId,
      acceptedAt: acceptedAtOf(webhookId),
      id: webhookId,
      state: "failed",
      attempts: 1,
      eventCount: 1,
      finishedAt: new Date(),
      body: "{}",
    },
  });
  return { channelId, webhookId };
}

async function startJob() {
  const { channelId } = await ended();
  const [from, to] = [new Date(0), new Date()];
  const question = {
    channelId,
    from,
    to,
    states: null,
    eventType: null,
    eventId: null,
    doubtful: false,
  };
  const job = { question, ratePerSecond: 20, expectedCount: 1 };
  return { channelId, ...(await startRedeliveryJob(database.db, testActor, job)) };
}

const basics = {
  name: "Renamed",
  description: "Other",
  email: "team@example.com",
  privacyPolicyUrl: null,
  termsOfUseUrl: null,
};

/** An application with whatever was decided about it before. */
async function application(...decisions: ("approved" | "rejected" | "withdrawn")[]) {
  const { actor, channelId } = await member();
  const form = { company: "Harbour Coffee", contact: "Hana", reason: "Orders" };
  await grants.applyForNotification(database.db, actor, { channelId, ...form });
  const { id: grantId } = await database.db.notificationGrant.findFirstOrThrow({
    where: { channelId },
  });
  for (const decision of decisions) {
    await grants.decideGrant(database.db, await operator(database.db), {
      grantId,
      decision,
      note: "Word",
    });
  }
}

async function target() {
  const { actor, channelId } = await member();
  const guard = {
    policy: createTargetPolicy({ allowTargets: [], allowHttp: false }),
    encryptionKey: key,
  };
  const form = { channelId, kind: "webhook", name: "Pager", url: "https://example.com/a" } as const;
  await alerts.addTarget(database.db, guard, actor, form);
  const { id: targetId } = await database.db.alertTarget.findFirstOrThrow({ where: { channelId } });
  return { actor, place: { channelId, targetId } };
}

/** Errors of a channel that are muted, and that somebody is on. */
async function problem() {
  const { actor, channelId } = await member();
  const form = { channelId, reason: "request_timeout", detail: "Request timeout" } as const;
  const at = new Date();
  await database.db.problem.create({ data: { ...form, beganAt: at, lastAt: at } });
  return { actor, form };
}

/** A channel whose address nobody has confirmed. */
async function unconfirmed() {
  const { actor, channelId } = await member();
  const email = `${channelId}@example.com`;
  await database.db.channel.update({
    where: { id: channelId },
    data: { email, emailVerifiedAt: null },
  });
  return { actor, channelId, email };
}

type Run = (db: Database["db"]) => Promise<unknown>;

/** Does each thing once. What only a browser can do is named with the test that does it. */
const runs: Record<
  AuditAction,
  Run | `e2e/${string}` | `engine/${string}` | "of versions before this one"
> = {
  set_up: async (db) =>
    setUpOperator(
      db,
      { name: "First", email: "first@example.com", password, locale: "en", theme: "system" },
      null,
    ),
  signed_in: async (db) => {
    const { email } = await createUser(db, { password });
    await signInWithPassword(db, { email, password }, visitor);
  },
  sign_in_refused: (db) =>
    signInWithPassword(db, { email: "nobody@example.com", password }, visitor).catch(
      () => undefined,
    ),
  signed_out: "e2e/journey.spec.ts",
  operator_created: (db) =>
    createOperator(db, testActor, { name: "Op", email: "op@example.com", password }),
  ...accountRuns,
  mail_opened: async (db) => {
    const mail = { recipient: "a@example.com", locale: "en", subject: "S", html: "h", text: "t" };
    await postMail(db, { ...mail, isSecret: true }, posting);
    const { id } = await db.mail.findFirstOrThrow({ orderBy: { id: "desc" } });
    await openMail(db, key, testActor, id);
  },
  webhook_opened: async (db) => {
    const { channelId, webhookId } = await ended();
    await openWebhook(db, actorOf(await createUser(db)), channelId, webhookId);
  },
  answer_downloaded: async (db) => {
    const { channelId, webhookId } = await ended();
    const tried = { reason: "error_status_code", detail: "500", phases: {} } as const;
    const startedAt = acceptedAtOf(webhookId);
    const named = { webhookId, attempt: 1 };
    const responseBody = Buffer.from("sorry");
    await db.webhookAttempt.create({
      data: { ...named, ...tried, startedAt, channelId, url: "https://x.example/", responseBody },
    });
    await takeAnswer(db, testActor, channelId, named);
  },
  provider_created: (db) => providers.createProvider(db, testActor, { name: "P" }),
  provider_renamed: async (db) =>
    providers.renameProvider(db, testActor, (await createProvider(db)).id, { name: "Other name" }),
  provider_deleted: async (db) => {
    const { id, name } = await createProvider(db);
    await providers.deleteProvider(db, testActor, id, name);
  },
  channel_created: async (db) => {
    const { id: providerId } = await createProvider(db);
    const form = { providerId, name: "Bot", description: "D", email: "team@example.com" };
    await channels.createChannel(db, key, testActor, form);
  },
  channel_edited: async (db) =>
    channels.editBasics(db, testActor, { channelId: await makeChannel(), ...basics }),
  channel_deleted: async (db) => {
    const { id, name } = await createChannel(db);
    await channels.deleteChannel(db, testActor, id, name);
  },
  channel_icon_set: async (db) => setIcon(db, testActor, await makeChannel(), await picture()),
  channel_icon_removed: async (db) => {
    const id = await makeChannel();
    await db.channelIcon.create({ data: { channelId: id, png: new Uint8Array(1), hash: "x" } });
    await removeIcon(db, testActor, id);
  },
  channel_disabled: async (db) => setChannelDisabled(db, testActor, await makeChannel(), true),
  channel_enabled: async (db) => {
    const { id } = await createChannel(db, { disabledAt: new Date() });
    await setChannelDisabled(db, testActor, id, false);
  },
  provider_disabled: async (db) =>
    setProviderDisabled(db, testActor, (await createProvider(db)).id, true),
  provider_enabled: async (db) => {
    const { id } = await createProvider(db, { disabledAt: new Date() });
    await setProviderDisabled(db, testActor, id, false);
  },
  user_disabled: async (db) =>
    setUserDisabled(db, await operator(db), (await createUser(db)).id, true),
  user_enabled: async (db) => {
    const { id } = await createUser(db, { disabledAt: new Date() });
    await setUserDisabled(db, await operator(db), id, false);
  },
  webhook_verified: async (db) => {
    const channel = await createChannel(db, { webhookUrl: "https://a.example.com/" });
    const sender = { send: () => Promise.reject(new Error("never asked")) };
    const timeZone = "UTC";
    await prepareVerify({ db, actor: testActor, encryptionKey: key, sender, timeZone }, channel);
  },
  signature_checked: async (db) => {
    const { id: channelId } = await createChannel(db, { encryptionKey: key });
    await checkSignature(db, key, testActor, { channelId, body: "{}", signature: "none" });
  },
  webhook_url_set: async (db) =>
    channels.setWebhookUrl(db, policy, testActor, await makeChannel(), "https://a.example.com/"),
  switch_turned: async (db) =>
    turnSwitch(db, testActor, await makeChannel(), "webhookRedelivery", true),
  set_up_dismissed: async (db) =>
    dismissSetUp(db, testActor, (await createChannel(db, { showsSetUp: true })).id),
  sending_resumed: async (db) => resumeSending(db, testActor, await suspended()),
  secret_revealed: async (db) => secrets.showSecrets(db, key, testActor, await makeChannel()),
  secret_issued: async (db) =>
    secrets.issueSecretAtOnce(db, key, testActor, await makeChannel(), null),
  secret_overlap_begun: async () => overlap(),
  secret_overlap_cancelled: async (db) => {
    const { id, from } = await overlap();
    await secrets.cancelOverlap(db, testActor, id, from);
  },
  secret_switched: async (db) => {
    const { id, from } = await overlap();
    await secrets.switchSecret(db, key, testActor, id, from);
  },
  channel_token_issued: async (db) =>
    issueChannelToken(db, testActor, { channelId: await makeChannel(), keepHours: 0 }),
  channel_token_revoked: async (db) => {
    const channelId = await makeChannel();
    await issueChannelToken(db, testActor, { channelId, keepHours: 0 });
    await revokeChannelTokens(db, testActor, channelId);
  },
  member_added: async (db) => {
    const { actor, place } = await member();
    const { email } = await createUser(db);
    await members.addMember(db, actor, place, { email, role: "tester" });
  },
  member_role_changed: async (db) => {
    const { actor, place } = await member();
    const { userId } = await createMember(db, place.id, { role: "tester" });
    await members.changeRole(db, actor, place, { userId, role: "member" });
  },
  member_removed: async (db) => {
    const { actor, place } = await member();
    const { userId } = await createMember(db, place.id, { role: "tester" });
    await members.removeMembers(db, actor, place, [userId]);
  },
  member_left: async (db) => {
    const { actor, channelId } = await member("member");
    await members.leaveChannel(db, actor, channelId);
  },
  roles_refused: "of versions before this one",
  errors_exported: "e2e/journey.spec.ts",
  deliveries_exported: async (db) => {
    const [from, to] = [new Date(0), new Date(1_000)];
    const question = {
      ...{
        channelId: "1",
        from,
        to,
        states: null,
        eventType: null,
        eventId: null,
        doubtful: false,
      },
    };
    const wanted = { question, webhookId: null, ascending: false, timeZone: "UTC" };
    const actor = actorOf(await createUser(db));
    const file = await exportDeliveries(database, actor, { ...wanted, format: "tsv" });
    await file.stream.cancel();
  },
  audit_exported: async (db) => {
    const wanted = {
      place: { kind: "all" },
      search: parseAuditSearch({}),
      timeZone: "UTC",
      format: "tsv",
    } as const;
    await (await exportAudit(database, actorOf(await createUser(db)), wanted)).stream.cancel();
  },
  notifications_exported: async (db) => {
    const wanted = { channelId: "1", timeZone: "UTC", format: "tsv" } as const;
    const actor = actorOf(await createUser(db));
    await (await exportNotifications(database, actor, wanted)).stream.cancel();
  },
  platform_key_created: (db) => createPlatformKey(db, testActor, { name: "gateway" }),
  platform_key_revoked: async (db) => {
    const { id } = await createPlatformKey(db, testActor, { name: "gateway" });
    await revokePlatformKey(db, testActor, id);
  },
  set_aside_released: () => setAside("release"),
  set_aside_ended: () => setAside("end"),
  webhooks_redelivered: async (db) => {
    const { channelId, webhookId } = await ended();
    await redeliverWebhooks(db, testActor, channelId, [webhookId]);
  },
  redelivery_job_started: () => startJob(),
  redelivery_job_cancelled: async (db) => {
    const { channelId, jobId } = await startJob();
    await cancelRedeliveryJob(db, testActor, channelId, jobId);
  },
  secrets_resealed: "engine/start/rotate-key.ts",
  notification_applied: () => application(),
  notification_approved: () => application("approved"),
  notification_rejected: () => application("rejected"),
  notification_withdrawn: () => application("approved", "withdrawn"),
  address_confirmation_sent: async (db) => {
    const { actor, channelId } = await unconfirmed();
    await addresses.askAgain(db, actor, "en", channelId);
  },
  channel_address_confirmed: async (db) => {
    const { channelId, email: address } = await unconfirmed();
    const link = { kind: "confirm", channelId, address, until: Date.now() + 60_000 } as const;
    await addresses.confirmAddress(db, testActor, link);
  },
  mail_preferences_changed: async () => {
    const { actor, channelId } = await member();
    const form = { whose: "own", types: [], weekly: true, confirmed: true } as const;
    await savePreferences(database.pool, actor, "a@example.com", { ...form, types: [], channelId });
  },
  quiet_hours_set: async (db) => {
    const { actor } = await member();
    await saveOwnQuietHours(db, actor, proposedHours);
  },
  channel_quiet_hours_set: async (db) => {
    const { actor, channelId } = await member();
    await saveChannelQuietHours(db, actor, channelId, { ...proposedHours, timeZone: "Asia/Tokyo" });
  },
  mail_unsubscribed: async () => {
    const { channelId } = await member();
    const link = { kind: "channel", channelId, address: "a@example.com" } as const;
    await unsubscribe(database.pool, testActor, link);
  },
  mail_address_lifted: async (db) => {
    await db.suppressedAddress.create({ data: { addressKey: "gone@example.com", answer: "550" } });
    await liftSuppressions(db, testActor, ["gone@example.com"]);
  },
  mails_sent_again: async (db) => {
    const mail = { html: "x", text: "x", locale: "en", subject: "x", recipient: "a@example.com" };
    await db.mail.create({
      data: { ...mail, state: "failed", trouble: "sender", messageId: "<again@example.com>" },
    });
    await sendAgain(db, testActor, {}, true);
  },
  mail_notice_dismissed: async (db) => {
    await raiseNotice(withPrisma(db), "sender", "550 no");
    await dismissNotice(db, testActor, { kind: "sender" });
  },
  mail_server_tested: async (db) => {
    const mail = { recipient: "a@example.com", locale: "en", subject: "x", html: "x", text: "x" };
    await postServerTest(db, testActor, mail, posting);
  },
  test_mail_sent: async (db) => {
    const { actor, channelId } = await member();
    await sendTestMail(db, actor, "open", channelId);
  },
  alert_target_added: () => target(),
  alert_target_removed: async (db) => {
    const { actor, place } = await target();
    await alerts.removeTarget(db, actor, place);
  },
  alert_target_tested: async (db) => {
    const { actor, place } = await target();
    await alerts.testTarget(db, actor, "https://console.example.com", place);
  },
  threshold_changed: async (db) => {
    const { actor, channelId } = await member();
    await saveThreshold(db, actor, { channelId, threshold: { kind: "count", value: 10 } });
  },
  problem_muted: async (db) => {
    const { actor, form } = await problem();
    await problems.muteProblem(db, actor, { ...form, span: "1h" });
  },
  problem_unmuted: async (db) => {
    const { actor, form } = await problem();
    await problems.muteProblem(db, actor, { ...form, span: "change" });
    await problems.unmuteProblem(db, actor, form);
  },
  problem_taken: async (db) => {
    const { actor, form } = await problem();
    await problems.takeProblem(db, actor, form);
  },
  problem_given_back: async (db) => {
    const { actor, form } = await problem();
    await problems.takeProblem(db, actor, form);
    await problems.giveBackProblem(db, actor, form);
  },
};

test("everything the log tells of is written when it happens, and says who", async () => {
  const { db } = database;
  for (const action of auditActions) {
    const run = runs[action];
    if (typeof run === "string") continue;
    const count = () => db.auditEntry.count({ where: { action } });
    const before = await count();
    await run(db);
    expect([action, (await count()) - before]).toEqual([action, 1]);
  }
  // Some fifty things, each with its own people and places.
}, 180_000);

test("no entry holds a secret, sealed or not", async () => {
  const { db } = database;
  const [entries, stored] = await Promise.all([
    db.auditEntry.findMany(),
    db.channel.findMany({ select: { id: true, sealedSecret: true } }),
  ]);
  const text = JSON.stringify(entries, (_key, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  for (const { id, sealedSecret } of stored) {
    expect(text).not.toContain(sealedSecret);
    expect(text).not.toContain((await secrets.revealSecrets(db, key, id)).current);
  }
  expect(text).not.toContain(password);
  expect(text).not.toContain("$argon2id$");
});
