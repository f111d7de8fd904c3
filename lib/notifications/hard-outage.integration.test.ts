import { afterAll, beforeAll, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel } from "#testing/factories.ts";
import { type Failure, type Stretch, simulate } from "#testing/simulated-time.ts";
import { createTestDatabase } from "#testing/test-database.ts";

const start = new Date("2026-11-28T00:00:00Z");
const twoWindowsMs = 2 * 300_000 + 30_000;
const dropped: Failure = {
  error: { reason: "unclassified", detail: "Session closed unexpectedly", statusCode: null },
};
const refused: Failure = {
  error: { reason: "could_not_connect", detail: "Connection failed", statusCode: null },
};
const error500: Failure = {
  error: { reason: "error_status_code", detail: "500", statusCode: 500 },
};
let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const answering = (from: string, to: string): Stretch => ({
  ...{ from, to, everySeconds: 60, count: 6, as: "delivered" },
});

/** The times of the mails of one channel, in minutes of the day. */
async function mailMinutes(hours: number, stretches: readonly Stretch[]): Promise<number[]> {
  const channel = await createChannel(database.db, { useWebhook: true, webhookRedelivery: true });
  const traffic = new Map([[channel.id, stretches]]);
  await simulate({ database, closing: closingOptions(), start, hours, traffic });
  const mails = await database.db.mail.findMany({
    where: { channelId: channel.id },
    orderBy: { createdAt: "asc" },
  });
  return mails.map(({ createdAt }) => (createdAt.getTime() - start.getTime()) / 60_000);
}

const toldWithin = (minutes: readonly number[], since: number) =>
  minutes.some((at) => at >= since && at <= since + twoWindowsMs / 60_000);

test("a bot that drops one request an hour and then dies for another reason is told of within two windows", async ({
  expect,
}) => {
  const minutes = await mailMinutes(12, [
    answering("00:00", "10:08"),
    { from: "00:30", to: "10:08", everySeconds: 3_600, count: 1, as: dropped },
    { from: "10:08", to: "12:00", everySeconds: 30, count: 1, as: refused },
  ]);
  expect(minutes.filter((at) => at < 608)).not.toHaveLength(10);
  expect(toldWithin(minutes, 608), String(minutes)).toBe(true);
});

test("a bot that fails now and then and then always, with the same answer, is told of within two windows", async ({
  expect,
}) => {
  const minutes = await mailMinutes(12, [
    answering("00:00", "10:08"),
    { from: "00:30", to: "10:08", everySeconds: 1_200, count: 1, as: error500 },
    { from: "10:08", to: "12:00", everySeconds: 60, count: 1, as: error500 },
  ]);
  expect(toldWithin(minutes, 608), String(minutes)).toBe(true);
});

test("a bot of which more mails were sent than the cap allows, and that then dies, is told of within two windows", async ({
  expect,
}) => {
  const codes = [500, 501, 502, 503, 504, 505, 506, 507];
  const minutes = await mailMinutes(12, [
    answering("08:00", "10:08"),
    ...codes.map((statusCode, index): Stretch => {
      const as: Failure = {
        error: { reason: "error_status_code", detail: `${statusCode}`, statusCode },
      };
      return { from: `09:4${index}:10`, to: "10:08", everySeconds: 7_200, count: 1, as };
    }),
    { from: "10:08", to: "12:00", everySeconds: 30, count: 1, as: refused },
  ]);
  // Six mails, and a quarter of an hour before the outage a digest of what came above them.
  expect(minutes.filter((at) => at < 608)).toHaveLength(7);
  expect(toldWithin(minutes, 608), String(minutes)).toBe(true);
});
