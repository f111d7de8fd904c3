import type { PoolClient } from "pg";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { sessionKey } from "#lib/accounts/session-key.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import * as alerts from "#lib/alerts/commands.ts";
import { type AuditAction, auditActions } from "#lib/audit/actions.ts";
import type { Actor } from "#lib/audit/actor.ts";
import * as channels from "#lib/channels/commands.ts";
import * as addresses from "#lib/channels/confirm-address.ts";
import { setChannelDisabled } from "#lib/channels/disable.ts";
import { removeIcon, setIcon } from "#lib/channels/icon.ts";
import * as secrets from "#lib/channels/issue-secret.ts";
import { dismissSetUp } from "#lib/channels/set-up.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { resumeSending } from "#lib/endpoint-health/commands.ts";
import * as grants from "#lib/grants/commands.ts";
import { inviteToConsole, inviteToPlace } from "#lib/invitations/invite.ts";
import { cancelInvitation, sendInvitationAgain } from "#lib/invitations/manage.ts";
import { saveChannelQuietHours } from "#lib/notifications/save-quiet-hours.ts";
import { saveThreshold } from "#lib/notifications/save-threshold.ts";
import * as problems from "#lib/problems/commands.ts";
import * as providers from "#lib/providers/commands.ts";
import { setProviderDisabled } from "#lib/providers/disable.ts";
import { proposedHours } from "#lib/quiet-hours/schema.ts";
import { cancelRedeliveryJob, startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { redeliverWebhooks } from "#lib/redeliveries/redeliver.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { issueChannelToken, revokeChannelTokens } from "#lib/tokens/channel-tokens.ts";
import { createPlatformKey, revokePlatformKey } from "#lib/tokens/platform-keys.ts";
import { acceptedAtOf, newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createSessionUser, createTestOutbox } from "#testing/account-factory.ts";
import {
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
  testEncryptionKey as key,
  testActor,
} from "#testing/factories.ts";
import { raceHeld } from "#testing/race-held.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import * as members from "./commands.ts";
import { importMembers } from "./import-members.ts";

// Who loses the right while what they asked for waits behind a lock has it refused: for every command that asks for one.

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const { post } = createTestOutbox();
const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
const url = "https://bot.example.com/";
const signUp = "open" as const;

/** A channel with everything in it that has an id, and its Admin, who is the provider's too. */
async function createWorld(isOperator: boolean) {
  const { db } = database;
  const { id: providerId, name: providerName } = await createProvider(db);
  const channel = await createChannel(db, { providerId, useWebhook: true, webhookUrl: url });
  const channelId = channel.id;
  const person = await createSessionUser(db, { isOperator });
  const session = sessionKey(await openSession(db, person.id, { userAgent: null }));
  const actor: SessionUser = { ...person, session };
  const other = await createUser(db);
  for (const userId of [actor.id, other.id]) {
    await createMember(db, channelId, { userId });
    await createProviderMember(db, providerId, { userId });
  }
  return {
    actor,
    channelId,
    channelName: channel.name,
    providerId,
    providerName,
    other,
    inChannel: { kind: "channel", id: channelId } as const,
    inProvider: { kind: "provider", id: providerId } as const,
    email: `${channelId}@guest.example`,
  };
}
type World = Awaited<ReturnType<typeof createWorld>>;

async function endedWebhook(channelId: string): Promise<string> {
  const id = newWebhookId(new Date());
  const acceptedAt = acceptedAtOf(id);
  const ended = { finishedAt: acceptedAt, state: "failed", attempts: 1, eventCount: 1 } as const;
  await database.db.webhook.create({ data: { id, channelId, acceptedAt, ...ended, body: "{}" } });
  return id;
}

const job = (channelId: string) => ({
  question: {
    ...{ channelId, from: new Date(0), to: new Date() },
    ...{ states: null, eventType: null, eventId: null, doubtful: false },
  },
  ratePerSecond: 20,
  expectedCount: 1,
});

const guard = { policy, encryptionKey: key };
const addTarget = (world: World, actor: Parameters<typeof alerts.addTarget>[2]) =>
  alerts.addTarget(database.db, guard, actor, {
    ...{ channelId: world.channelId, kind: "webhook", name: "Pager" },
    url: "https://alerts.example.com/",
  } as const);

async function target(world: World): Promise<string> {
  await addTarget(world, testActor);
  const where = { channelId: world.channelId };
  return (await database.db.alertTarget.findFirstOrThrow({ where })).id;
}

async function problem(channelId: string) {
  const form = { channelId, reason: "request_timeout", detail: "Request timeout" } as const;
  const at = new Date();
  await database.db.problem.create({ data: { ...form, beganAt: at, lastAt: at } });
  return form;
}

const picture = () =>
  sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } })
    .png()
    .toBuffer();

/** What the person asks for, made ready before their right is taken; `in`: what the right is held in. */
type Ready = (world: World) => Promise<() => Promise<unknown>> | (() => Promise<unknown>);
type Row = { in: "channel" | "provider" | "console"; ready: Ready };
const db = () => database.db;

const inChannel = (ready: Ready): Row => ({ in: "channel", ready });
const inProvider = (ready: Ready): Row => ({ in: "provider", ready });
const inConsole = (ready: Ready): Row => ({ in: "console", ready });

const rows: Record<string, Row> = {
  channel_created: inProvider(({ actor, providerId, email }) => () => {
    const form = { providerId, name: "Bot", description: "D", email };
    return channels.createChannel(db(), key, actor, form);
  }),
  channel_edited: inChannel(
    ({ actor, channelId, email }) =>
      () =>
        channels.editBasics(db(), actor, { channelId, email }),
  ),
  channel_deleted: inChannel(
    ({ actor, channelId, channelName }) =>
      () =>
        channels.deleteChannel(db(), actor, channelId, channelName),
  ),
  channel_icon_set: inChannel(async ({ actor, channelId }) => {
    const upload = await picture();
    return () => setIcon(db(), actor, channelId, upload);
  }),
  channel_icon_removed: inChannel(async ({ actor, channelId }) => {
    await db().channelIcon.create({ data: { channelId, png: new Uint8Array(1), hash: "x" } });
    return () => removeIcon(db(), actor, channelId);
  }),
  webhook_url_set: inChannel(
    ({ actor, channelId }) =>
      () =>
        channels.setWebhookUrl(db(), policy, actor, channelId, "https://other.example.com/"),
  ),
  switch_turned: inChannel(
    ({ actor, channelId }) =>
      () =>
        turnSwitch(db(), actor, channelId, "useWebhook", false),
  ),
  set_up_dismissed: inChannel(async ({ actor, channelId }) => {
    await db().channel.update({ where: { id: channelId }, data: { showsSetUp: true } });
    return () => dismissSetUp(db(), actor, channelId);
  }),
  sending_resumed: inChannel(async ({ actor, channelId }) => {
    await database.pool.query(
      `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail, suspended_at)
       values ($1, now(), 1, 'unclassified', 'x', now())`,
      [channelId],
    );
    return () => resumeSending(db(), actor, channelId);
  }),
  secret_revealed: inChannel(
    ({ actor, channelId }) =>
      () =>
        secrets.showSecrets(db(), key, actor, channelId),
  ),
  secret_issued: inChannel(
    ({ actor, channelId }) =>
      () =>
        secrets.issueSecretAtOnce(db(), key, actor, channelId, null),
  ),
  secret_overlap_begun: inChannel(
    ({ actor, channelId }) =>
      () =>
        secrets.issueSecretWithOverlap(db(), key, actor, channelId),
  ),
  secret_overlap_cancelled: inChannel(async ({ actor, channelId }) => {
    const from = await secrets.issueSecretWithOverlap(db(), key, testActor, channelId);
    return () => secrets.cancelOverlap(db(), actor, channelId, from);
  }),
  secret_switched: inChannel(async ({ actor, channelId }) => {
    const from = await secrets.issueSecretWithOverlap(db(), key, testActor, channelId);
    return () => secrets.switchSecret(db(), key, actor, channelId, from);
  }),
  channel_token_issued: inChannel(
    ({ actor, channelId }) =>
      () =>
        issueChannelToken(db(), actor, { channelId, keepHours: 0 }),
  ),
  channel_token_revoked: inChannel(async ({ actor, channelId }) => {
    await issueChannelToken(db(), testActor, { channelId, keepHours: 0 });
    return () => revokeChannelTokens(db(), actor, channelId);
  }),
  "member_added of a channel": inChannel(async ({ actor, inChannel }) => {
    const { email } = await createUser(db());
    return () => members.addMember(db(), actor, inChannel, { email, role: "admin" });
  }),
  "member_added by import": inChannel(async ({ actor, channelId, providerId }) => {
    const { userId } = await createProviderMember(db(), providerId, {});
    const form = { userIds: [userId], role: "admin" } as const;
    return () => importMembers(db(), actor, { id: channelId, providerId }, form);
  }),
  "member_role_changed of a channel": inChannel(
    ({ actor, inChannel, other }) =>
      () =>
        members.changeRole(db(), actor, inChannel, { userId: other.id, role: "tester" }),
  ),
  "member_role_changed of a channel to more": inChannel(async ({ actor, inChannel }) => {
    const { userId } = await createMember(db(), inChannel.id, { role: "tester" });
    return () => members.changeRole(db(), actor, inChannel, { userId, role: "member" });
  }),
  "member_removed of a channel": inChannel(
    ({ actor, inChannel, other }) =>
      () =>
        members.removeMembers(db(), actor, inChannel, [other.id]),
  ),
  "member_removed of a provider": inProvider(
    ({ actor, inProvider, other }) =>
      () =>
        members.removeMembers(db(), actor, inProvider, [other.id], { fromChannels: true }),
  ),
  "invitation_sent to a channel": inChannel(
    ({ actor, inChannel, email }) =>
      () =>
        inviteToPlace(db(), post, actor, inChannel, { email, role: "admin", signUp }),
  ),
  "invitation_sent to a provider": inProvider(
    ({ actor, inProvider, email }) =>
      () =>
        inviteToPlace(db(), post, actor, inProvider, { email, role: "admin", signUp }),
  ),
  "invitation_sent to the console": inConsole(
    ({ actor, email }) =>
      () =>
        inviteToConsole(db(), post, actor, email),
  ),
  "invitation_sent_again to a channel": inChannel(async ({ actor, inChannel, email }) => {
    await inviteToPlace(db(), post, actor, inChannel, { email, role: "member", signUp });
    const { id } = await db().invitation.findFirstOrThrow({ where: { email } });
    return () => sendInvitationAgain(db(), post, actor, inChannel, id);
  }),
  "invitation_sent_again to the console": inConsole(async ({ actor, email }) => {
    await inviteToConsole(db(), post, actor, email);
    const { id } = await db().invitation.findFirstOrThrow({ where: { email } });
    return () => sendInvitationAgain(db(), post, actor, null, id);
  }),
  "invitation_cancelled of a channel": inChannel(async ({ actor, inChannel, email }) => {
    await inviteToPlace(db(), post, actor, inChannel, { email, role: "member", signUp });
    const { id } = await db().invitation.findFirstOrThrow({ where: { email } });
    return () => cancelInvitation(db(), actor, inChannel, id);
  }),
  "invitation_cancelled of the console": inConsole(async ({ actor, email }) => {
    await inviteToConsole(db(), post, actor, email);
    const { id } = await db().invitation.findFirstOrThrow({ where: { email } });
    return () => cancelInvitation(db(), actor, null, id);
  }),
  provider_created: inConsole(
    ({ actor }) =>
      () =>
        providers.createProvider(db(), actor, { name: "P" }),
  ),
  provider_renamed: inProvider(
    ({ actor, providerId }) =>
      () =>
        providers.renameProvider(db(), actor, providerId, { name: "Other" }),
  ),
  provider_deleted: inProvider(async ({ actor, providerId, channelId, providerName }) => {
    await db().channel.delete({ where: { id: channelId } });
    return () => providers.deleteProvider(db(), actor, providerId, providerName);
  }),
  provider_disabled: inConsole(
    ({ actor, providerId }) =>
      () =>
        setProviderDisabled(db(), actor, providerId, true),
  ),
  provider_enabled: inConsole(async ({ actor, providerId }) => {
    await setProviderDisabled(db(), testActor, providerId, true);
    return () => setProviderDisabled(db(), actor, providerId, false);
  }),
  channel_disabled: inConsole(
    ({ actor, channelId }) =>
      () =>
        setChannelDisabled(db(), actor, channelId, true),
  ),
  channel_enabled: inConsole(async ({ actor, channelId }) => {
    await setChannelDisabled(db(), testActor, channelId, true);
    return () => setChannelDisabled(db(), actor, channelId, false);
  }),
  user_disabled: inConsole(
    ({ actor, other }) =>
      () =>
        setUserDisabled(db(), actor, other.id, true),
  ),
  user_enabled: inConsole(async ({ actor }) => {
    const { id } = await createUser(db(), { disabledAt: new Date() });
    return () => setUserDisabled(db(), actor, id, false);
  }),
  platform_key_created: inConsole(
    ({ actor }) =>
      () =>
        createPlatformKey(db(), actor, { name: "gateway" }),
  ),
  platform_key_revoked: inConsole(async ({ actor }) => {
    const { id } = await createPlatformKey(db(), testActor, { name: "gateway" });
    return () => revokePlatformKey(db(), actor, id);
  }),
  webhooks_redelivered: inChannel(async ({ actor, channelId }) => {
    const id = await endedWebhook(channelId);
    return () => redeliverWebhooks(db(), actor, channelId, [id]);
  }),
  redelivery_job_started: inChannel(
    ({ actor, channelId }) =>
      () =>
        startRedeliveryJob(db(), actor, job(channelId)),
  ),
  redelivery_job_cancelled: inChannel(async ({ actor, channelId }) => {
    const { jobId } = await startRedeliveryJob(db(), testActor, job(channelId));
    return () => cancelRedeliveryJob(db(), actor, channelId, jobId);
  }),
  notification_applied: inChannel(({ actor, channelId }) => () => {
    const words = { company: "C", contact: "C", reason: "R" };
    return grants.applyForNotification(db(), actor, { channelId, ...words });
  }),
  notification_approved: inConsole(async ({ actor, channelId }) => {
    const words = { company: "C", contact: "C", reason: "R" };
    await grants.applyForNotification(db(), actor, { channelId, ...words });
    const { id } = await db().notificationGrant.findFirstOrThrow({ where: { channelId } });
    return () => grants.decideGrant(db(), actor, { grantId: id, decision: "approved", note: "" });
  }),
  address_confirmation_sent: inChannel(async ({ actor, channelId }) => {
    await db().channel.update({ where: { id: channelId }, data: { emailVerifiedAt: null } });
    return () => addresses.askAgain(db(), actor, "en", channelId);
  }),
  channel_quiet_hours_set: inChannel(({ actor, channelId }) => () => {
    const hours = { ...proposedHours, timeZone: "Asia/Tokyo" };
    return saveChannelQuietHours(db(), actor, channelId, hours);
  }),
  alert_target_added: inChannel((world) => () => addTarget(world, world.actor)),
  alert_target_removed: inChannel(async (world) => {
    const place = { channelId: world.channelId, targetId: await target(world) };
    return () => alerts.removeTarget(db(), world.actor, place);
  }),
  alert_target_tested: inChannel(async (world) => {
    const place = { channelId: world.channelId, targetId: await target(world) };
    return () => alerts.testTarget(db(), world.actor, "https://console.example.com", place);
  }),
  threshold_changed: inChannel(({ actor, channelId }) => () => {
    const threshold = { kind: "share", value: 20 } as const;
    return saveThreshold(db(), actor, { channelId, threshold });
  }),
  problem_muted: inChannel(async ({ actor, channelId }) => {
    const form = { ...(await problem(channelId)), span: "8h" } as const;
    return () => problems.muteProblem(db(), actor, form);
  }),
  problem_unmuted: inChannel(async ({ actor, channelId }) => {
    const form = await problem(channelId);
    await problems.muteProblem(db(), testActor, { ...form, span: "8h" });
    return () => problems.unmuteProblem(db(), actor, form);
  }),
  problem_taken: inChannel(async ({ actor, channelId }) => {
    const form = await problem(channelId);
    return () => problems.takeProblem(db(), actor, form);
  }),
  problem_given_back: inChannel(async ({ actor, channelId }) => {
    const form = await problem(channelId);
    await problems.takeProblem(db(), testActor, form);
    return () => problems.giveBackProblem(db(), actor, form);
  }),
};

/** Actions that ask no right of a place or an operator inside their transaction, and why. */
const ofNoPlace = {
  own: "of the own account: lib/accounts/proof-race.integration.test.ts",
  link: "the link is the permission, and is used up in its own statement",
  leave: "gives up what the person has",
  note: "written down, nothing is changed by it",
  mails: "who gets which mails of a channel; each is looked at again when it leaves",
  deliveries: "an operator's word on one webhook, which changes no way in",
  outbox: "an operator's word on mails that were not sent, which changes no way in",
} as const;
const exempt: Partial<Record<AuditAction, keyof typeof ofNoPlace>> = {
  ...{ set_up: "link", signed_in: "own", sign_in_refused: "note", person_confirmed: "own" },
  ...{ signed_out: "own", operator_created: "note", account_created: "link" },
  ...{ account_deleted: "own", profile_edited: "own", password_changed: "own" },
  ...{ quiet_hours_set: "own" },
  ...{ password_reset_asked: "note", verification_asked: "own", email_verified: "link" },
  ...{ email_change_asked: "own", email_change_dropped: "own", email_changed: "link" },
  ...{ second_factor_on: "own", second_factor_off: "own", recovery_codes_made: "own" },
  ...{ provider_linked: "own", provider_unlinked: "own", sessions_ended: "own" },
  ...{ invitation_accepted: "link", inviter_asked: "note", mail_opened: "note" },
  ...{ webhook_opened: "note", answer_downloaded: "note" },
  ...{ webhook_verified: "note", signature_checked: "note", member_left: "leave" },
  ...{
    roles_refused: "note",
    errors_exported: "note",
    deliveries_exported: "note",
    audit_exported: "note",
    notifications_exported: "note",
  },
  ...{ set_aside_released: "deliveries", set_aside_ended: "deliveries", secrets_resealed: "note" },
  ...{ notification_rejected: "note", notification_withdrawn: "note" },
  ...{ channel_address_confirmed: "link", mail_preferences_changed: "mails" },
  ...{ mail_unsubscribed: "link", mail_address_lifted: "mails", test_mail_sent: "mails" },
  ...{ mails_sent_again: "outbox", mail_notice_dismissed: "outbox", mail_server_tested: "outbox" },
};

type Loss = (client: PoolClient, world: World) => Promise<unknown>;

const holdPlace: Loss = async (client, { channelId, providerId }) => {
  await client.query("select from providers where id = $1 for no key update", [providerId]);
  await client.query("select from channels where id = $1 for no key update", [channelId]);
};
const onPlace =
  (statement: string): Loss =>
  async (client, world) => {
    await holdPlace(client, world);
    await client.query(statement, [world.actor.id]);
  };

/** How the person loses the right; the transaction holds the place as every change of roles does. */
const losses: Record<string, { of: readonly Row["in"][]; take: Loss; code: string }> = {
  "is removed": {
    of: ["channel", "provider"],
    take: async (client, world) => {
      await holdPlace(client, world);
      for (const table of ["channel_members", "provider_members"]) {
        await client.query(`delete from ${table} where user_id = $1`, [world.actor.id]);
      }
    },
    code: "forbidden",
  },
  "is lowered": {
    of: ["channel", "provider"],
    take: async (client, world) => {
      await holdPlace(client, world);
      await client.query("update channel_members set role = 'tester' where user_id = $1", [
        world.actor.id,
      ]);
      await client.query("update provider_members set role = 'member' where user_id = $1", [
        world.actor.id,
      ]);
    },
    code: "forbidden",
  },
  "is locked out": {
    of: ["channel", "provider", "console"],
    take: onPlace("update users set disabled_at = now() where id = $1"),
    code: "forbidden",
  },
  "is no operator any more": {
    of: ["console"],
    take: onPlace("update users set is_operator = false where id = $1"),
    code: "forbidden",
  },
  "has their session ended": {
    of: ["channel", "provider", "console"],
    take: onPlace("delete from sessions where user_id = $1"),
    code: "unauthenticated",
  },
};

for (const [how, { of, take, code }] of Object.entries(losses)) {
  test(`who ${how} while a command of theirs waits has it refused, whichever it is`, async () => {
    const wrong: string[] = [];
    for (const [name, row] of Object.entries(rows)) {
      if (!of.includes(row.in)) continue;
      const world = await createWorld(row.in === "console");
      const work = await row.ready(world);
      const outcome = await raceHeld(database, (client) => take(client, world), work);
      if (outcome !== code) wrong.push(`${name}: ${outcome}`);
    }
    expect(wrong).toEqual([]);
  });
}

test("who keeps the right has what waited done, so that it is the loss that is refused", async () => {
  const wrong: string[] = [];
  for (const [name, row] of Object.entries(rows)) {
    const world = await createWorld(row.in === "console");
    const work = await row.ready(world);
    const outcome = await raceHeld(database, (client) => holdPlace(client, world), work);
    if (outcome !== "done") wrong.push(`${name}: ${outcome}`);
  }
  expect(wrong).toEqual([]);
});

test("every action of the audit log stands in the table, or says why it asks for no right", () => {
  const asked = new Set(Object.keys(rows).map((name) => name.split(" ")[0]));
  const missing = auditActions.filter((action) => !asked.has(action) && !(action in exempt));
  const both = auditActions.filter((action) => asked.has(action) && action in exempt);
  expect([missing, both]).toEqual([[], []]);
});

/** What gives a way in, or shows what opens one: not for whoever sits at a browser that was left open. */
const waysIn = [
  "webhook_url_set",
  "secret_revealed",
  "secret_issued",
  "secret_overlap_begun",
  "channel_token_issued",
  "platform_key_created",
  "alert_target_added",
  "member_added of a channel",
  "member_added by import",
  "member_role_changed of a channel to more",
  "invitation_sent to a channel",
  "invitation_sent to a provider",
  "invitation_sent to the console",
  "invitation_sent_again to a channel",
  "invitation_sent_again to the console",
  "user_enabled",
];

test("from a session that proved itself more than an hour ago what gives a way in is refused, and nothing else", async () => {
  const refused: string[] = [];
  for (const [name, row] of Object.entries(rows)) {
    const world = await createWorld(row.in === "console");
    const work = await row.ready(world);
    // While it waits: pages and actions asked before.
    const age = async (client: PoolClient) => {
      await holdPlace(client, world);
      await client.query(
        "update sessions set proved_at = now() - interval '61 minutes' where user_id = $1",
        [world.actor.id],
      );
      await client.query("select from users where id = $1 for no key update", [world.actor.id]);
    };
    const outcome = await raceHeld(database, age, work);
    if (outcome === "forbidden") refused.push(name);
    else if (outcome !== "done") refused.push(`${name}: ${outcome}`);
  }
  expect(refused.sort()).toEqual([...waysIn].sort());
});

test("a program whose key or token is revoked while its change waits has it refused", async () => {
  const world = await createWorld(false);
  const { channelId } = world;
  const { id } = await createPlatformKey(db(), testActor, { name: "gateway" });
  await issueChannelToken(db(), testActor, { channelId, keepHours: 0 });
  const programs: [Actor, string, string][] = [
    [
      { kind: "platform_key", id, name: "gateway", from: null },
      "update platform_keys set revoked_at = now() where id::text = $1",
      id,
    ],
    [
      { kind: "channel_token", id: channelId, name: "Bot", from: null },
      "delete from channel_tokens where channel_id = $1",
      channelId,
    ],
  ];
  for (const [actor, revoke, what] of programs) {
    const change = () =>
      channels.setWebhookUrl(db(), policy, actor, channelId, `https://${actor.kind}.example.com/`);
    const isKept = raceHeld(database, (client) => holdPlace(client, world), change);
    expect([actor.kind, await isKept]).toEqual([actor.kind, "done"]);
    const take = async (client: PoolClient) => {
      await holdPlace(client, world);
      await client.query(revoke, [what]);
    };
    const isTaken = raceHeld(database, take, change);
    expect([actor.kind, await isTaken]).toEqual([actor.kind, "forbidden"]);
  }
});
