import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { removeMembers } from "#lib/members/commands.ts";
import { claimMails } from "#lib/outbox/claim-mails.ts";
import { type ChosenHours, parseClock, proposedHours } from "#lib/quiet-hours/schema.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import { actorOf, createChannel, createMember, createUser, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { listHistory } from "./history.ts";
import { orderMail } from "./mail-orders.ts";
import { readMailStanding } from "./read-standing.ts";
import { saveChannelQuietHours, saveOwnQuietHours } from "./save-quiet-hours.ts";
import type { NotableFailure } from "./schema.ts";
import { sendTestMail } from "./send-test-mail.ts";
import { takeBackUnwanted } from "./take-back.ts";
import { writeDueMails } from "./write-mails.ts";
import { writeOrders } from "./write-orders.ts";

// A Sunday.
const start = Date.parse("2026-11-22T01:00:00Z");
const after = (seconds: number) => new Date(start + seconds * 1_000);
const hour = 3_600;
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

const hoursOf = (text: string, overrides: Partial<ChosenHours> = {}): ChosenHours => {
  const [beginsAt = 0, endsAt = 0] = text.split(" to ").map((one) => parseClock(one) ?? 0);
  return { ...proposedHours, beginsAt, endsAt, ...overrides };
};

const hush = (userId: string, hours: ChosenHours) =>
  database.db.quietHours.create({
    data: { ...hours, weekdays: [...hours.weekdays], userId },
  });

/** A channel with two Admins whose clocks show UTC. The first has quiet hours until 07:00. */
async function channelWithTwo(hours = hoursOf("00:00 to 07:00")) {
  const channel = await createChannel(database.db, { emailVerifiedAt: null });
  const sleeper = await createUser(database.db, { timeZone: "UTC" });
  const waker = await createUser(database.db, { timeZone: "UTC" });
  for (const { id: userId } of [sleeper, waker]) {
    await createMember(database.db, channel.id, { userId });
  }
  await hush(sleeper.id, hours);
  return { channel, sleeper, waker };
}

function fail(channelId: string, seconds: number, overrides: Partial<NotableFailure> = {}) {
  const failure = {
    ...{ channelId, type: "error_detected" as const, statusCode: 500, errorCount: 3 },
    ...{ reason: "error_status_code" as const, detail: "500", occurredAt: after(seconds) },
    ...overrides,
  };
  return inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
}

const close = (seconds: number) =>
  closeDueWindows(database.pool, closingOptions({}, { now: after(seconds) }));

const mailsTo = (recipient: string) =>
  database.db.mail.findMany({ where: { recipient }, orderBy: { createdAt: "asc" } });

/** Nothing is delivered from this second on. */
const cease = (channelId: string, seconds: number) =>
  database.pool.query(
    `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail, failing_since)
     values ($1, $3, 5, 'error_status_code', '500', $2)
     on conflict (channel_id) do update set last_failure_at = $3, failed_count = 5, failing_since = $2`,
    [channelId, after(seconds), after(seconds + 290)],
  );

const recover = (channelId: string, seconds: number) =>
  database.pool.query(
    `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail, recovered_at, recovered_since, recovered_count)
     values ($1, $2, 0, 'error_status_code', '500', $2, $3, 17)
     on conflict (channel_id) do update
        set failed_count = 0, failing_since = null, recovered_at = $2, recovered_since = $3, recovered_count = 17`,
    [channelId, after(seconds), after(0)],
  );

test("what happens in quiet hours is decided as ever, and comes in one digest when they end, with the recovery and the same sums", async () => {
  const { channel, sleeper, waker } = await channelWithTwo();
  await fail(channel.id, 0);
  await fail(channel.id, 10, { statusCode: 404, detail: "404", errorCount: 7 });
  await close(320);
  await fail(channel.id, 2 * hour, { errorCount: 5 });
  await close(2 * hour + 320);
  await recover(channel.id, 3 * hour);
  await close(3 * hour + 400);
  await close(6 * hour - 1);
  expect(await mailsTo(sleeper.email)).toEqual([]);
  const others = await mailsTo(waker.email);
  expect(others).toHaveLength(4);

  await close(6 * hour);
  await close(6 * hour + 1);
  const [digest, ...more] = await mailsTo(sleeper.email);
  expect(more).toEqual([]);
  expect(digest).toMatchObject({ kind: "digest", channelId: channel.id });
  const { lines, moreErrorCount } = JSON.parse(digest?.text ?? "");
  type Told = { type: string; errorCount: number };
  const told = (all: readonly Told[]) => all.map(({ type, errorCount }) => `${type} ${errorCount}`);
  expect(moreErrorCount).toBe(0);
  expect(told(lines).sort()).toEqual(told(others.map(({ text }) => JSON.parse(text))).sort());
  expect(told(lines)).toContain("recovered 17");
  // The next one comes as ever.
  await fail(channel.id, 7 * hour, { statusCode: 502, detail: "502" });
  await close(7 * hour + 320);
  expect((await mailsTo(sleeper.email)).map(({ kind }) => kind)).toEqual([
    "digest",
    "notification",
  ]);
});

test("a single thing that was held comes as its own mail", async () => {
  const { channel, sleeper } = await channelWithTwo();
  await fail(channel.id, 0);
  await close(320);
  await close(6 * hour);
  expect(await mailsTo(sleeper.email)).toMatchObject([{ kind: "notification" }]);
});

test("what fails just before the hours, and would be told within them, waits for their end", async () => {
  const { channel, sleeper, waker } = await channelWithTwo(hoursOf("01:04 to 02:00"));
  await fail(channel.id, 0);
  await close(320);
  expect(await mailsTo(waker.email)).toHaveLength(1);
  expect(await mailsTo(sleeper.email)).toEqual([]);
  await close(hour - 1);
  expect(await mailsTo(sleeper.email)).toEqual([]);
  await close(hour);
  expect(await mailsTo(sleeper.email)).toHaveLength(1);
});

describe("an outage in which nothing is delivered", () => {
  test("comes at once, even then; what else waits goes on waiting", async () => {
    const { channel, sleeper } = await channelWithTwo();
    await fail(channel.id, 0);
    await close(320);
    await fail(channel.id, 1_000, { errorCount: 50 });
    await cease(channel.id, 1_000);
    await close(1_320);
    const [mail, ...more] = await mailsTo(sleeper.email);
    expect(more).toEqual([]);
    expect(JSON.parse(mail?.text ?? "")).toMatchObject({ errorCount: 50, news: { as: "ceased" } });
    await close(6 * hour);
    const [, morning] = await mailsTo(sleeper.email);
    expect(JSON.parse(morning?.text ?? "")).toMatchObject({ errorCount: 3 });
  });

  test("waits, too, for whoever wants that", async () => {
    const hours = hoursOf("00:00 to 07:00", { outagesCome: false });
    const { channel, sleeper, waker } = await channelWithTwo(hours);
    await fail(channel.id, 1_000, { errorCount: 50 });
    await cease(channel.id, 1_000);
    await close(1_320);
    expect(await mailsTo(waker.email)).toHaveLength(1);
    expect(await mailsTo(sleeper.email)).toEqual([]);
    await close(6 * hour);
    expect(await mailsTo(sleeper.email)).toHaveLength(1);
  });
});

test("hours are those of the chosen days, in the account's zone, or else the installation's", async () => {
  const channel = await createChannel(database.db, { emailVerifiedAt: null });
  const people = await Promise.all(
    (
      [
        // 10:00 on a Sunday in Tokyo, 22:00 on a Saturday in Santiago.
        [null, hoursOf("09:00 to 12:00", { weekdays: [7] }), false],
        [null, hoursOf("09:00 to 12:00", { weekdays: [1, 2, 3, 4, 5, 6] }), true],
        ["America/Santiago", hoursOf("21:00 to 07:00", { weekdays: [6] }), false],
        ["America/Santiago", hoursOf("21:00 to 07:00", { weekdays: [7] }), true],
        ["America/Santiago", hoursOf("09:00 to 12:00"), true],
      ] as const
    ).map(async ([timeZone, hours, isTold]) => {
      const user = await createUser(database.db, { timeZone });
      await createMember(database.db, channel.id, { userId: user.id });
      await hush(user.id, hours);
      return { email: user.email, isTold };
    }),
  );
  await fail(channel.id, 0);
  await close(320);
  for (const { email, isTold } of people) {
    expect([email, (await mailsTo(email)).length]).toEqual([email, isTold ? 1 : 0]);
  }
});

test("a channel's own address has hours and a zone of its own", async () => {
  const { id, email } = await createChannel(database.db, { email: "team@example.com" });
  const { email: other } = await createChannel(database.db, { email: "desk@example.com" });
  await saveChannelQuietHours(database.db, testActor, id, {
    ...hoursOf("20:00 to 08:00"),
    timeZone: "America/New_York",
  });
  await fail(id, 0);
  await close(320);
  expect(await mailsTo(email)).toEqual([]);
  // 08:00 in New York.
  await close(12 * hour);
  expect(await mailsTo(email)).toHaveLength(1);
  expect(await mailsTo(other)).toEqual([]);
});

test("an Admin's own hours count where their address is the channel's, too", async () => {
  const { channel, sleeper } = await channelWithTwo();
  await database.db.channel.update({
    where: { id: channel.id },
    data: { email: sleeper.email.toUpperCase(), emailVerifiedAt: new Date() },
  });
  await fail(channel.id, 0);
  await close(320);
  expect(await mailsTo(sleeper.email)).toEqual([]);
});

test("who loses the role while something is held is not told of it", async () => {
  const { channel, sleeper, waker } = await channelWithTwo();
  await fail(channel.id, 0);
  await close(320);
  await removeMembers(database.db, actorOf(waker), { kind: "channel", id: channel.id }, [
    sleeper.id,
  ]);
  await close(6 * hour);
  expect(await mailsTo(sleeper.email)).toEqual([]);
  const history = await listHistory(database.db, channel.id, null);
  const states = history.entries[0]?.recipients.map(({ address, state }) => [address, state]);
  expect(states).toContainEqual([sleeper.email, "dropped"]);
});

test("test mails and mails that were ordered are not held", async () => {
  const now = new Date(Date.now() - 1_000);
  const { channel, sleeper } = await channelWithTwo();
  await database.db.quietHours.update({
    where: { userId: sleeper.id },
    // From the minute that it is on; all day but for the minute before.
    data: {
      beginsAt: now.getUTCHours() * 60 + now.getUTCMinutes(),
      endsAt: (now.getUTCHours() * 60 + now.getUTCMinutes() + 1_439) % 1_440,
    },
  });
  await sendTestMail(database.db, testActor, "open", channel.id);
  await orderMail(database.db, {
    ...{ kind: "weekly", channelId: null, recipient: sleeper.email, locale: "en", timeZone: null },
    params: { from: "2026-11-16", to: "2026-11-22", channels: [] },
  });
  await closeDueWindows(database.pool, closingOptions());
  await writeOrders(database.pool, closingOptions());
  const kinds = (await mailsTo(sleeper.email)).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(["notification", "weekly"]);
});

test("a writer that is killed leaves what was held to the next one, which tells it once", async () => {
  const { channel, sleeper } = await channelWithTwo();
  await fail(channel.id, 0);
  await close(320);
  await fail(channel.id, 10, { statusCode: 404, detail: "404" });
  await close(700);
  const morning = closingOptions({}, { now: after(6 * hour) });
  const killed = inTransaction(database.pool, async (client) => {
    expect((await writeDueMails(client, "", morning)).mails).toBe(1);
    throw new Error("killed");
  });
  await expect(killed).rejects.toThrow("killed");
  expect(await mailsTo(sleeper.email)).toEqual([]);
  await Promise.all([close(6 * hour), close(6 * hour)]);
  await close(6 * hour + 2);
  expect(await mailsTo(sleeper.email)).toMatchObject([{ kind: "digest" }]);
});

describe("hours that are changed while something is held", () => {
  test("are looked at at once, and what was held comes in one digest", async () => {
    const { channel, sleeper } = await channelWithTwo();
    await fail(channel.id, 0);
    await fail(channel.id, 10, { statusCode: 404, detail: "404" });
    await close(320);
    await close(340);
    expect(await mailsTo(sleeper.email)).toEqual([]);
    await saveOwnQuietHours(database.db, actorFor(sleeper), hoursOf("03:00 to 07:00"));
    await close(350);
    expect(await mailsTo(sleeper.email)).toMatchObject([{ kind: "digest" }]);
  });

  test("end what was held when they are turned off; longer ones hold it on", async () => {
    const { channel, sleeper } = await channelWithTwo();
    await fail(channel.id, 0);
    await close(320);
    await saveOwnQuietHours(database.db, actorFor(sleeper), hoursOf("00:00 to 09:00"));
    await close(6 * hour);
    expect(await mailsTo(sleeper.email)).toEqual([]);
    await saveOwnQuietHours(database.db, actorFor(sleeper), null);
    await close(6 * hour + 1);
    expect(await mailsTo(sleeper.email)).toHaveLength(1);
  });

  test("are seen ten minutes later when the writer read the old ones, as are other zones", async () => {
    const { channel, sleeper } = await channelWithTwo();
    await fail(channel.id, 0);
    await close(320);
    await database.db.user.update({
      where: { id: sleeper.id },
      data: { timeZone: "America/Santiago" },
    });
    await close(919);
    expect(await mailsTo(sleeper.email)).toEqual([]);
    await close(921);
    expect(await mailsTo(sleeper.email)).toHaveLength(1);
  });
});

const actorFor = (user: { id: string; name: string; isOperator: boolean }) =>
  ({ ...actorOf(user), session: null }) as const;

test("a mail that leaves only once the hours have begun is taken back, and comes when they end", async () => {
  const { channel, sleeper, waker } = await channelWithTwo();
  await database.db.quietHours.deleteMany();
  await fail(channel.id, 0);
  await close(320);
  // The hours that the database's clock is in, whenever that is.
  const { rows } = await database.pool.query<{ minute: number }>(
    "select (extract(hour from now() at time zone 'UTC') * 60 + extract(minute from now() at time zone 'UTC'))::int as minute",
  );
  const minute = rows[0]?.minute ?? 0;
  await hush(sleeper.id, {
    ...proposedHours,
    beginsAt: (minute + 1_380) % 1_440,
    endsAt: (minute + 120) % 1_440,
  });
  const claimed = await claimMails(database.pool, 100, 60_000);
  // A copy that the mail server may have taken already goes on: taken back, it would come twice.
  for (const mail of claimed) {
    expect(await takeBackUnwanted(database.pool, { ...mail, uncertain: true }, testPolicy)).toBe(
      false,
    );
  }
  const left: string[] = [];
  for (const mail of claimed) {
    if (!(await takeBackUnwanted(database.pool, mail, testPolicy))) left.push(mail.recipient);
  }
  expect(left).toEqual([waker.email]);
  expect(await mailsTo(sleeper.email)).toMatchObject([{ state: "withdrawn" }]);
  expect(
    await database.db.notice.count({ where: { addressKey: sleeper.email, toldAt: null } }),
  ).toBe(1);
});

test("the Notifications tab and the standing line say until when something is held, and for how many", async () => {
  const { channel, sleeper, waker } = await channelWithTwo();
  await fail(channel.id, 0);
  await close(320);
  const standing = await readMailStanding(database.pool, channel.id, testPolicy, after(330));
  expect(standing).toMatchObject({
    last: { state: "on_its_way", recipientCount: 1, ofCount: 2 },
    held: { until: after(6 * hour), recipientCount: 1, isOneEnd: true },
  });
  const ends = new Map([[sleeper.email, after(6 * hour)]]);
  const { entries } = await listHistory(database.db, channel.id, null, ends);
  const told = entries[0]?.recipients ?? [];
  expect(told).toHaveLength(2);
  expect(told.find(({ address }) => address === sleeper.email)).toMatchObject({
    ...{ state: "held", heldUntil: after(6 * hour) },
  });
  expect(told.find(({ address }) => address === waker.email)).toMatchObject({
    ...{ state: "queued", heldUntil: null },
  });
  // Different ends: the first is said.
  await hush(waker.id, hoursOf("00:00 to 09:00"));
  await fail(channel.id, 2 * hour, { statusCode: 502, detail: "502" });
  await close(2 * hour + 320);
  expect(
    (await readMailStanding(database.pool, channel.id, testPolicy, after(2 * hour + 330))).held,
  ).toEqual({ until: after(6 * hour), recipientCount: 2, isOneEnd: false });
});

test("the first mail of an outage in everybody's quiet hours is promised for their end", async () => {
  const { channel, waker } = await channelWithTwo();
  await hush(waker.id, hoursOf("00:00 to 08:00"));
  await fail(channel.id, 0);
  const standing = await readMailStanding(database.pool, channel.id, testPolicy, after(60));
  expect(standing).toMatchObject({
    ...{ last: null, held: null, next: { as: "first", at: after(6 * hour) } },
  });
});
