import { afterAll, beforeAll, describe, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { addressKey } from "#lib/outbox/mail-address.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { readMailStanding } from "./read-standing.ts";
import type { NotableFailure, NotificationPolicy } from "./schema.ts";
import type { MailStanding } from "./standing.ts";

const start = Date.parse("2026-11-22T01:00:00Z");
const moment = (seconds: number) => new Date(start + seconds * 1_000);
let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function channelWithAdmin() {
  const channel = await createChannel(database.db, { emailVerifiedAt: null });
  const admin = await createUser(database.db);
  await createMember(database.db, channel.id, { userId: admin.id });
  return { channel, admin };
}

function fail(channelId: string, seconds: number, overrides: Partial<NotableFailure> = {}) {
  const failure = {
    ...{ channelId, type: "error_detected" as const, statusCode: 500, errorCount: 3 },
    ...{ reason: "error_status_code" as const, detail: "500", occurredAt: moment(seconds) },
    ...overrides,
  };
  return inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
}

const close = (seconds: number, policy: Partial<NotificationPolicy> = {}) =>
  closeDueWindows(database.pool, closingOptions(policy, { now: moment(seconds) }));

const standingAt = (channelId: string, seconds: number, policy: Partial<NotificationPolicy> = {}) =>
  readMailStanding(database.pool, channelId, { ...testPolicy, ...policy }, moment(seconds));

/** Takes everything that waits for the mail server. */
const sendAll = (seconds: number) =>
  database.db.mail.updateMany({
    where: { state: "queued" },
    data: { state: "sent", sentAt: moment(seconds) },
  });

describe.each([
  ["with every default", {}, 8, null],
  ["above the cap of a channel", { channelCapPerDay: 1 }, 10, null],
  // From 01:00 to 11:00; the reminder of 02:00 is held.
  ["through quiet hours", {}, 10, { beginsAt: 90, endsAt: 330 }],
] as const)("an outage of hours, %s", (_name, policy, hours, quiet) => {
  test("the mails that were sent stay said, and each promise of the next one comes true", async ({
    expect,
  }) => {
    const { channel, admin } = await channelWithAdmin();
    if (quiet !== null) {
      await database.db.user.update({ where: { id: admin.id }, data: { timeZone: "UTC" } });
      const always = { weekdays: [1, 2, 3, 4, 5, 6, 7], outagesCome: true };
      await database.db.quietHours.create({ data: { ...quiet, ...always, userId: admin.id } });
    }
    const seen: { at: number; standing: MailStanding }[] = [];
    for (let seconds = 0; seconds < hours * 3_600; seconds += 60) {
      await fail(channel.id, seconds);
      await close(seconds + 20, policy);
      await sendAll(seconds + 25);
      const at = seconds + 30;
      seen.push({ at, standing: await standingAt(channel.id, at, policy) });
    }
    const mails = await database.db.mail.findMany({
      where: { channelId: channel.id },
      orderBy: { createdAt: "asc" },
    });
    expect(mails.length).toBeGreaterThanOrEqual(3);
    for (const { at, standing } of seen) {
      const sent = mails.findLast(({ createdAt }) => createdAt <= moment(at));
      expect([at, standing.last?.at ?? null]).toEqual([at, sent?.sentAt ?? null]);
      const coming = mails.find(({ createdAt }) => createdAt > moment(at));
      if (coming === undefined) continue;
      // Windows are closed at every :20.
      const promises = [standing.next?.at, standing.held?.until].flatMap((one) => one ?? []);
      const promised = Math.min(...promises.map((one) => one.getTime()));
      const lateMs = coming.createdAt.getTime() - promised;
      expect([at, lateMs >= 0 && lateMs <= 60_000 ? "kept" : lateMs]).toEqual([at, "kept"]);
    }
    expect(seen.at(0)?.standing).toMatchObject({
      barrier: null,
      last: null,
      next: { as: "first" },
    });
    expect(seen.at(6)?.standing).toMatchObject({
      last: { state: "sent", recipientCount: 1, ofCount: 1 },
      next: { as: "reminder" },
    });
    const held = seen.filter(({ standing }) => standing.held !== null);
    if (quiet === null) expect(held).toEqual([]);
    else {
      expect(held.length).toBeGreaterThan(180);
      for (const { standing } of held) {
        expect(standing.held).toEqual({
          ...{ until: new Date("2026-11-22T05:30:00Z"), recipientCount: 1, isOneEnd: true },
        });
      }
    }
  });
});

test("errors of another reason are news, which comes before the reminder", async ({ expect }) => {
  const { channel } = await channelWithAdmin();
  await fail(channel.id, 0);
  await close(320);
  await fail(channel.id, 400, { reason: "request_timeout", detail: "Request timeout" });
  expect((await standingAt(channel.id, 410)).next).toEqual({ as: "news", at: moment(715) });
});

describe("a channel without error mails says why", () => {
  const apply = { access: "apply" as const };
  test("it never applied, however many errors it has", async ({ expect }) => {
    const { channel } = await channelWithAdmin();
    await fail(channel.id, 0, { errorCount: 1_900 });
    expect(await standingAt(channel.id, 60, apply)).toEqual({
      barrier: { why: "not_applied" },
      last: null,
      next: null,
      below: null,
      held: null,
    });
  });

  test.for(["pending", "rejected", "withdrawn"] as const)(
    "its application is %s",
    async (state, { expect }) => {
      const { channel } = await channelWithAdmin();
      const holdsChannel = state === "pending" ? channel.id : null;
      const decidedAt = state === "pending" ? null : moment(-60);
      await approveNotification(database.db, channel.id, {
        ...{ state, holdsChannel, decidedAt, appliedAt: moment(-600) },
      });
      const at = decidedAt ?? moment(-600);
      expect((await standingAt(channel.id, 60, apply)).barrier).toEqual({ why: state, at });
    },
  );

  test("nobody has a verified address, or mail servers refuse it", async ({ expect }) => {
    const { channel, admin } = await channelWithAdmin();
    expect((await standingAt(channel.id, 60)).barrier).toBeNull();
    const stopped = { addressKey: admin.email.toLowerCase(), answer: "550 5.1.1 no such user" };
    await database.db.suppressedAddress.create({ data: stopped });
    expect((await standingAt(channel.id, 60)).barrier).toEqual({ why: "nobody" });
    await database.db.suppressedAddress.delete({ where: { addressKey: stopped.addressKey } });
    await database.db.user.update({ where: { id: admin.id }, data: { emailVerifiedAt: null } });
    expect((await standingAt(channel.id, 60)).barrier).toEqual({ why: "nobody" });
  });

  test("mail servers refuse it, and its domain is written in letters of its own", async ({
    expect,
  }) => {
    const { channel, admin } = await channelWithAdmin();
    const email = `ada-${admin.id}@bücher.example`;
    await database.db.user.update({ where: { id: admin.id }, data: { email } });
    expect((await standingAt(channel.id, 60)).barrier).toBeNull();
    const stopped = { addressKey: addressKey(email), answer: "550 5.1.1 no such user" };
    await database.db.suppressedAddress.create({ data: stopped });
    expect((await standingAt(channel.id, 60)).barrier).toEqual({ why: "nobody" });
  });

  test("everybody turned them off", async ({ expect }) => {
    const { channel, admin } = await channelWithAdmin();
    const wish = { channelId: channel.id, addressKey: admin.email.toLowerCase() };
    const mutedTypes = ["error_detected", "redelivery_stopped", "endpoint_failing"] as const;
    await database.db.mailPreference.create({ data: { ...wish, mutedTypes: [...mutedTypes] } });
    expect((await standingAt(channel.id, 60)).barrier).toEqual({ why: "off" });
    await database.db.mailPreference.update({
      where: { channelId_addressKey: wish },
      data: { mutedTypes: [], unsubscribedAt: moment(0) },
    });
    expect((await standingAt(channel.id, 60)).barrier).toEqual({ why: "off" });
  });
});

test("mails that nothing sends, or that no server took, are not said to be sent", async ({
  expect,
}) => {
  const { channel } = await channelWithAdmin();
  await fail(channel.id, 0);
  await closeDueWindows(database.pool, closingOptions({}, { now: moment(320), keep: true }));
  expect((await standingAt(channel.id, 330)).last).toMatchObject({ state: "kept" });
  await database.db.mail.updateMany({
    where: { channelId: channel.id },
    data: { state: "bounced" },
  });
  expect((await standingAt(channel.id, 330)).last).toMatchObject({ state: "failed" });
});
