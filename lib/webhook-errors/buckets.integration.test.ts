import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { formatDate } from "#lib/format.ts";
import { timeZones } from "#lib/time/zones.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countErrorsByBucket } from "./count-by-bucket.ts";
import { breakAtGaps, listCountingGaps } from "./list-gaps.ts";

let database: Database;
let channelId: string;
const hourMs = 3_600_000;
const nothing = { reason: null, detail: null, status: null, attempt: null } as const;

beforeAll(async () => {
  database = await createTestDatabase();
  channelId = (await createChannel(database.db)).id;
});
afterAll(() => database.close());

async function bucketsOf(zone: string, from: string, to: string) {
  const question = { ...nothing, channelId, from: new Date(from), to: new Date(to) };
  return (await countErrorsByBucket(database.db, question, { zone, by: "reason" })).buckets;
}

test("PostgreSQL knows every zone that a person can pick", async () => {
  const { rows } = await database.pool.query<{ zone: string }>(
    "select zone from unnest($1::text[]) as zone where timezone(zone, now()) is null",
    [timeZones],
  );
  expect(rows).toEqual([]);
});

// Zones whose clocks change at night, at midnight, by half an hour, on either half of the globe, or never.
test.each([
  ["America/New_York", "2026-09-01T04:00Z", "2026-12-01T05:00Z", [25]],
  ["Europe/Berlin", "2026-02-20T23:00Z", "2026-05-20T22:00Z", [23]],
  ["America/Havana", "2026-09-01T04:00Z", "2026-12-01T05:00Z", [25]],
  ["Africa/Cairo", "2026-03-20T22:00Z", "2026-06-19T21:00Z", [23]],
  ["Australia/Lord_Howe", "2026-02-20T13:00Z", "2026-05-20T13:30Z", [24.5]],
  ["Asia/Kolkata", "2026-02-20T18:30Z", "2026-05-20T18:30Z", []],
  ["Asia/Tokyo", "2026-02-20T15:00Z", "2026-05-20T15:00Z", []],
] as const)(
  "days in %s begin at its midnight and hold what happened in them",
  async (zone, from, to, odd) => {
    const buckets = await bucketsOf(zone, from, to);
    const hours = buckets.map((bucket) => (bucket.to.getTime() - bucket.from.getTime()) / hourMs);
    expect(hours.filter((length) => length !== 24)).toEqual(odd);
    for (const bucket of buckets) {
      const day = formatDate(bucket.from, zone);
      expect(formatDate(new Date(bucket.to.getTime() - 1), zone)).toBe(day);
      expect(formatDate(new Date(bucket.from.getTime() - 1), zone)).not.toBe(day);
    }
    expect(buckets[0]?.from).toEqual(new Date(from));
    expect(buckets.at(-1)?.to).toEqual(new Date(to));
  },
);

test.each([
  ["2026-10-25T00:07Z", "2026-10-25T01:05Z"],
  ["2026-10-24T12:13Z", "2026-10-25T12:13Z"],
  ["2026-10-20T00:03Z", "2026-10-27T11:01Z"],
  ["2026-10-01T05:00Z", "2026-10-31T05:00Z"],
  ["2025-09-20T05:59Z", "2026-10-31T05:00Z"],
])(
  "buckets from %s to %s follow each other without hole or overlap, across a change of clocks",
  async (from, to) => {
    const buckets = await bucketsOf("Europe/Berlin", from, to);
    expect(buckets[0]?.from).toEqual(new Date(from));
    expect(buckets.at(-1)?.to).toEqual(new Date(to));
    for (const [index, bucket] of buckets.entries()) {
      expect(bucket.to.getTime()).toBeGreaterThan(bucket.from.getTime());
      if (index > 0) expect(bucket.from).toEqual(buckets[index - 1]?.to);
    }
  },
);

test("an error is in the bucket of its minute, also in a zone that is half an hour off", async () => {
  const own = (await createChannel(database.db)).id;
  const times = [
    "2026-11-10T18:29:59.999Z",
    "2026-11-10T18:30:00.000Z",
    "2026-11-11T18:29:30.000Z",
  ];
  await createErrors(
    database.pool,
    own,
    times.map((time) => makeError({ occurredAt: new Date(time) })),
  );
  const question = {
    ...nothing,
    channelId: own,
    from: new Date("2026-09-01T00:00Z"),
    to: new Date("2026-11-22T00:00Z"),
  };
  const { buckets } = await countErrorsByBucket(database.db, question, {
    zone: "Asia/Kolkata",
    by: "reason",
  });
  const filled = buckets.filter((bucket) => Object.keys(bucket.counts).length > 0);
  expect(filled.map((bucket) => [bucket.from.toISOString(), bucket.counts])).toEqual([
    ["2026-11-09T18:30:00.000Z", { could_not_connect: 1 }],
    ["2026-11-10T18:30:00.000Z", { could_not_connect: 2 }],
  ]);
});

test("stretches without counting are known, and the delivered line breaks there", async () => {
  const own = await createChannel(database.db);
  const at = (time: string) => new Date(`2026-11-22T${time}Z`);
  await database.db.countingPeriod.createMany({
    data: [
      { channelId: own.id, startedAt: at("01:00"), endedAt: at("02:00") },
      { channelId: own.id, startedAt: at("02:00:20"), endedAt: at("03:10") },
      { channelId: own.id, startedAt: at("05:00") },
    ],
  });
  const range = { channelId: own.id, from: at("00:00"), to: at("06:00") };
  const gaps = await listCountingGaps(database.db, range);
  expect(gaps).toEqual([
    { from: at("00:00"), to: at("01:00") },
    { from: at("03:10"), to: at("05:00") },
  ]);
  const { buckets } = await countErrorsByBucket(
    database.db,
    { ...nothing, ...range },
    { zone: "UTC", by: "reason" },
  );
  const broken = breakAtGaps(buckets, gaps).filter((bucket) => bucket.deliveredCount === null);
  expect(broken).toHaveLength(12 + 22);
});
