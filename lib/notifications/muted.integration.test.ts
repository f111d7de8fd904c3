import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { readMailStanding } from "./read-standing.ts";
import type { NotableFailure } from "./schema.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const start = Date.parse("2026-11-22T01:00:00Z");
const after = (seconds: number) => new Date(start + seconds * 1_000);
const refused = {
  reason: "could_not_connect",
  detail: "Connection failed",
  statusCode: null,
} as const;
const timeout = { reason: "request_timeout", detail: "Request timeout", statusCode: null } as const;

/** A channel with an Admin, an alert target and one muted problem. */
async function makeChannel() {
  const { id: channelId } = await createChannel(database.db, { emailVerifiedAt: null });
  const { id: userId, email } = await createUser(database.db);
  await createMember(database.db, channelId, { userId });
  await database.db.alertTarget.create({
    data: {
      channelId,
      kind: "webhook",
      name: "Pager",
      sealedUrl: "x",
      host: "x",
      sealedSecret: "x",
    },
  });
  await database.db.problemMark.create({
    data: { ...{ channelId, reason: refused.reason, detail: refused.detail }, mutedAt: after(0) },
  });
  return { channelId, email };
}

const unmute = (channelId: string) =>
  database.db.problemMark.updateMany({ where: { channelId }, data: { mutedAt: null } });

const fail = (
  channelId: string,
  seconds: number,
  of: Pick<NotableFailure, "reason" | "detail" | "statusCode">,
  errorCount = 1,
) =>
  inTransaction(database.pool, (client) =>
    countIntoWindows(
      client,
      [{ channelId, type: "error_detected", occurredAt: after(seconds), errorCount, ...of }],
      testPolicy.windowMs,
    ),
  );
const close = (seconds: number) =>
  closeDueWindows(database.pool, closingOptions({}, { now: after(seconds) }));

const told = async (channelId: string) => ({
  untold: (
    await database.db.notification.findMany({
      where: { channelId },
      orderBy: { detectedAt: "asc" },
    })
  ).map((one) => one.untold),
  alerts: await database.db.alert.count({ where: { channelId } }),
});
const mails = async (recipient: string) =>
  (await database.db.mail.findMany({ where: { recipient }, orderBy: { createdAt: "asc" } })).map(
    ({ text }) => JSON.parse(text ?? ""),
  );

test("nobody is told of a window that has only a muted problem, but it is counted and kept", async () => {
  const { channelId, email } = await makeChannel();
  await fail(channelId, 0, refused, 7);
  const standing = await readMailStanding(database.pool, channelId, testPolicy, after(10));
  expect(standing).toEqual({ barrier: null, last: null, next: null, below: null, held: null });
  await close(320);
  expect(await mails(email)).toEqual([]);
  expect(await told(channelId)).toEqual({ untold: ["muted"], alerts: 0 });
  const [kept] = await database.db.notification.findMany({ where: { channelId } });
  expect(kept).toMatchObject({ errorCount: 7 });
});

test("other problems of the channel are told as before, in the same window or another", async () => {
  const { channelId, email } = await makeChannel();
  await fail(channelId, 0, refused, 7);
  await fail(channelId, 10, timeout, 3);
  await fail(channelId, 10, { reason: "error_status_code", detail: "503", statusCode: 503 });
  await close(330);
  expect(await told(channelId)).toEqual({ untold: [null, null], alerts: 2 });
  expect((await mails(email)).map(({ errorCount }) => errorCount).sort()).toEqual([1, 10]);
});

test("a muted problem is not news beside one that was told", async () => {
  const { channelId, email } = await makeChannel();
  await fail(channelId, 0, timeout, 3);
  await close(320);
  await fail(channelId, 400, timeout, 3);
  await fail(channelId, 401, refused, 50);
  await close(800);
  expect(await mails(email)).toHaveLength(1);
  expect((await told(channelId)).untold).toEqual([null, "reminder_pause"]);
});

test("errors that go on when the mute is over are told at once", async () => {
  const { channelId, email } = await makeChannel();
  await fail(channelId, 0, refused, 7);
  await close(320);
  await unmute(channelId);
  await fail(channelId, 400, refused, 2);
  const standing = await readMailStanding(database.pool, channelId, testPolicy, after(410));
  expect(standing.next).toMatchObject({ as: "first" });
  await close(720);
  expect(await mails(email)).toMatchObject([{ errorCount: 2, news: { as: "first" } }]);
  expect((await told(channelId)).untold).toEqual(["muted", null]);
});

test("a muted window leaves what was told of its kind: no second first mail, and a recovery that is told", async () => {
  const { channelId, email } = await makeChannel();
  await fail(channelId, 0, timeout, 3);
  await close(320);
  // Of the same kind, as neither has a status code.
  await fail(channelId, 400, refused, 7);
  await close(720);
  await fail(channelId, 800, timeout, 2);
  await close(1_120);
  expect((await told(channelId)).untold).toEqual([null, "muted", "reminder_pause"]);
  expect(await mails(email)).toHaveLength(1);
  await fail(channelId, 1_200, refused, 7);
  await close(1_520);
  await database.pool.query(
    `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail, recovered_at, recovered_since, recovered_count)
     values ($1, $2, 0, 'could_not_connect', 'Connection failed', $3, $4, 9)`,
    [channelId, after(1_200), after(1_600), after(0)],
  );
  await close(1_940);
  const recovery = await database.db.notification.findFirst({
    where: { channelId, type: "recovered" },
  });
  expect(recovery).toMatchObject({ untold: null });
  expect(await mails(email)).toHaveLength(2);
});
