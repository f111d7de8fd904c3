import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setWebhookUrl } from "#lib/channels/commands.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import { type Database, inTransaction } from "#lib/db.ts";
import { resumeSending } from "#lib/endpoint-health/commands.ts";
import { recoverySql } from "#lib/endpoint-health/recovery-sql.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { noteEndingCertificates } from "./note-certificates.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate notification_windows, notifications, notices, mails, alerts, endpoint_health, outages, tellings",
  );
});

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const close = (minutes: number) =>
  closeDueWindows(database.pool, closingOptions({}, { now: inMinutes(minutes) }));
const fail = (channelId: string, minutes: number, statusCode = 500) =>
  inTransaction(database.pool, (client) =>
    countIntoWindows(
      client,
      [
        {
          ...{ channelId, statusCode, type: "error_detected", reason: "error_status_code" },
          ...{ detail: String(statusCode), occurredAt: inMinutes(minutes), errorCount: 1 },
        },
      ],
      300_000,
    ),
  );

async function channelWithTargets() {
  const webhookUrl = "https://bot.example.com/";
  const channel = await createChannel(database.db, { useWebhook: true, webhookUrl });
  const admin = await createUser(database.db);
  await createMember(database.db, channel.id, { userId: admin.id });
  for (const kind of ["pagerduty", "slack"]) {
    await database.db.alertTarget.create({
      data: { channelId: channel.id, kind, name: kind, sealedUrl: "", host: "a.example.com" },
    });
  }
  return channel;
}

/** Told of, and going on: sending is suspended. */
async function failingChannel(): Promise<string> {
  const { id } = await channelWithTargets();
  await fail(id, -60);
  await close(-50);
  await database.pool.query(
    `insert into endpoint_health (channel_id, failing_since, last_failure_at, failed_count, reason, detail, suspended_at)
     values ($1, now() - interval '1 hour', now(), 9, 'error_status_code', '500', now())`,
    [id],
  );
  return id;
}

const deliver = (channelId: string, minutes: number) =>
  database.pool.query(
    `update endpoint_health h ${recoverySql} from (select $1::text as channel_id, $2::timestamptz as delivered_at) d
      where h.channel_id = d.channel_id and h.failing_since < d.delivered_at`,
    [channelId, inMinutes(minutes)],
  );

/** What targets of a kind are sent, in this order. */
async function sent(kind: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ told: string }>(
    `select concat_ws(' ', a.body::jsonb ->> 'event_action', a.body::jsonb ->> 'dedup_key') as told
       from alerts a join alert_targets t on t.id = a.target_id where t.kind = $1 order by a.created_at, a.id`,
    [kind],
  );
  return rows.map(({ told }) => told);
}

const deeds = {
  "another Webhook URL": (id) =>
    setWebhookUrl(
      database.db,
      createTargetPolicy({ allowTargets: [], allowHttp: false }),
      testActor,
      id,
      "https://new.example.com/",
    ),
  "Use webhook turned off": (id) => turnSwitch(database.db, testActor, id, "useWebhook", false),
  "Resume sending": (id) => resumeSending(database.db, testActor, id),
} satisfies Record<string, (id: string) => Promise<unknown>>;

test.each(Object.entries(deeds))(
  "an outage that ends by %s is resolved once, after its last errors, and no mail calls it recovered",
  async (_, act) => {
    const id = await failingChannel();
    await fail(id, -2, 503);
    await act(id);
    await close(1);
    expect(await sent("pagerduty")).toEqual([`trigger tocsin-${id}`]);
    await close(6);
    await close(7);
    expect(await sent("pagerduty")).toEqual([
      `trigger tocsin-${id}`,
      `trigger tocsin-${id}`,
      `resolve tocsin-${id}`,
    ]);
    expect(await sent("slack")).toHaveLength(2);
    expect(await database.db.mail.count({ where: { subject: { contains: "recovered" } } })).toBe(0);
    // What fails from then on is another outage, and told at once.
    await fail(id, 8);
    await close(14);
    expect((await sent("pagerduty")).slice(3)).toEqual([`trigger tocsin-${id}`]);
  },
);

test("an outage that goes on at another Webhook URL stays one incident", async () => {
  const id = await failingChannel();
  await deeds["another Webhook URL"](id);
  await database.pool.query("update endpoint_health set failing_since = now()");
  await close(30);
  expect(await sent("pagerduty")).toEqual([`trigger tocsin-${id}`]);
});

test("an outage that went on after a deed is ended by its recovery, once, after its last errors", async () => {
  const id = await failingChannel();
  await deeds["another Webhook URL"](id);
  // It fails again at once, for twenty minutes, and then takes webhooks again.
  await database.pool.query(
    "update endpoint_health set failing_since = $2, last_failure_at = $3, failed_count = 9 where channel_id = $1",
    [id, inMinutes(1), inMinutes(21)],
  );
  await fail(id, 1, 503);
  await close(7);
  await fail(id, 21, 504);
  await deliver(id, 22);
  for (const minutes of [22, 23, 27, 28, 60]) await close(minutes);
  expect(await sent("pagerduty")).toEqual([
    ...["trigger", "trigger", "trigger", "resolve"].map((event) => `${event} tocsin-${id}`),
  ]);
  expect(
    await database.db.notification.count({ where: { channelId: id, type: "recovered" } }),
  ).toBe(1);
});

test("an outage that went on for a moment after a deed is ended a window after that", async () => {
  const id = await failingChannel();
  await deeds["another Webhook URL"](id);
  await database.pool.query(
    "update endpoint_health set failing_since = $2, last_failure_at = $2, failed_count = 1 where channel_id = $1",
    [id, inMinutes(8)],
  );
  await fail(id, 8, 503);
  await deliver(id, 9);
  await close(10);
  expect(await sent("pagerduty")).toEqual([`trigger tocsin-${id}`]);
  for (const minutes of [14, 15, 16]) await close(minutes);
  expect(await sent("pagerduty")).toEqual([
    ...["trigger", "trigger", "resolve"].map((event) => `${event} tocsin-${id}`),
  ]);
});

test("what fails after a deed ended an outage is told as the first, whatever targets the channel has", async () => {
  const id = await failingChannel();
  await database.db.alertTarget.deleteMany({ where: { channelId: id } });
  await deeds["another Webhook URL"](id);
  await close(6);
  await fail(id, 8);
  await close(14);
  const told = await database.db.notification.findMany({ orderBy: { closedAt: "asc" } });
  expect(told.map(({ toldAs }) => toldAs)).toEqual(["first", "first"]);
});

test("a channel with no open incident gets nothing", async () => {
  const { id } = await channelWithTargets();
  await database.pool.query(
    `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail)
     values ($1, now(), 0, 'error_status_code', '500')`,
    [id],
  );
  await deeds["another Webhook URL"](id);
  await close(30);
  expect(await sent("pagerduty")).toEqual([]);
  expect(await database.db.endpointHealth.count({ where: { endedAt: { not: null } } })).toBe(0);
});

test("the incident of a certificate is resolved when every one that was told of is replaced", async () => {
  const { id } = await channelWithTargets();
  const show = (fingerprint: string, { days, seenAt }: { days: number; seenAt: Date }) =>
    database.db.botCertificate.upsert({
      where: { channelId_fingerprint: { channelId: id, fingerprint } },
      update: { seenAt },
      create: {
        ...{ channelId: id, fingerprint, url: "https://bot.example.com/", host: "bot.example.com" },
        ...{ notBefore: inMinutes(-80 * 1_440), notAfter: inMinutes(days * 1_440) },
        ...{ firstSeenAt: seenAt, seenAt, nextTellAt: inMinutes(-1) },
      },
    });
  const seenAt = inMinutes(0);
  await show("one", { days: 10, seenAt });
  await show("two", { days: 11, seenAt });
  await noteEndingCertificates(database.pool);
  await close(1);
  const triggers = [`trigger tocsin-${id}-certificate`, `trigger tocsin-${id}-certificate`];
  await close(60);
  expect(await sent("pagerduty")).toEqual(triggers);
  // One server is renewed, the other one still shows its own.
  await show("new", { days: 90, seenAt: inMinutes(61) });
  await show("two", { days: 11, seenAt: inMinutes(62) });
  await close(130);
  expect(await sent("pagerduty")).toEqual(triggers);
  // The other one may still show its own: that is written down once an hour.
  await show("newer", { days: 90, seenAt: inMinutes(140) });
  await close(160);
  expect(await sent("pagerduty")).toEqual(triggers);
  await close(206);
  await close(207);
  expect(await sent("pagerduty")).toEqual([...triggers, `resolve tocsin-${id}-certificate`]);
  expect(await sent("slack")).toHaveLength(2);
});
