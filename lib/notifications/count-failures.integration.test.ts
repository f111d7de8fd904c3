import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countIntoWindows } from "./count-failures.ts";
import type { NotableFailure } from "./schema.ts";

const windowMs = 300_000;
const start = Date.parse("2026-11-22T01:00:00Z");
let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query("truncate notification_windows, notifications, notices, alerts, mails");
});

function failure(seconds: number, overrides: Partial<NotableFailure> = {}): NotableFailure {
  return {
    channelId: "1000000001",
    type: "error_detected",
    statusCode: 500,
    reason: "error_status_code",
    detail: "500",
    occurredAt: new Date(start + seconds * 1_000),
    errorCount: 1,
    ...overrides,
  };
}

const count = (...failures: NotableFailure[]) =>
  inTransaction(database.pool, (client) => countIntoWindows(client, failures, windowMs));

const open = async () =>
  (
    await database.pool.query(
      `select channel_id, type, key, extract(epoch from opened_at)::int - $1::int as opened,
              extract(epoch from closes_at)::int - $1::int as closes, reason, detail, error_count as errors
         from notification_windows order by channel_id, type, key`,
      [start / 1_000],
    )
  ).rows;

const closed = async () =>
  (
    await database.pool.query(
      `select key, extract(epoch from detected_at)::int - $1::int as detected, detail, error_count as errors,
              extract(epoch from closed_at)::int - $1::int as closed from notifications order by key, detected_at`,
      [start / 1_000],
    )
  ).rows;

describe("counting failures into windows", () => {
  test("one channel, type and status code is one window; no status code is one group", async ({
    expect,
  }) => {
    const refused = {
      statusCode: null,
      reason: "could_not_connect",
      detail: "Connection failed",
    } as const;
    const late = {
      statusCode: null,
      reason: "request_timeout",
      detail: "Request timeout",
    } as const;
    await count(failure(5), failure(0, { errorCount: 3 }), failure(2, { statusCode: 503 }));
    await count(failure(4, late), failure(3, refused), failure(9, { channelId: "1000000002" }));
    await count(failure(7, { type: "redelivery_stopped" }));
    const row = { channel_id: "1000000001", type: "error_detected", reason: "error_status_code" };
    expect(await open()).toEqual([
      { ...row, key: "500", opened: 0, closes: 300, detail: "500", errors: 4 },
      { ...row, key: "503", opened: 2, closes: 302, detail: "500", errors: 1 },
      {
        ...row,
        key: "none",
        opened: 3,
        closes: 303,
        reason: "could_not_connect",
        detail: "Connection failed",
        errors: 2,
      },
      {
        ...row,
        type: "redelivery_stopped",
        key: "500",
        opened: 7,
        closes: 307,
        detail: "500",
        errors: 1,
      },
      {
        ...row,
        channel_id: "1000000002",
        key: "500",
        opened: 9,
        closes: 309,
        detail: "500",
        errors: 1,
      },
    ]);
  });

  test("a failure after the end closes the window and opens the next, also within one batch", async ({
    expect,
  }) => {
    await count(failure(0));
    await count(failure(299), failure(300), failure(620), failure(640));
    expect(await closed()).toEqual([
      { key: "500", detected: 0, closed: 300, detail: "500", errors: 2 },
      { key: "500", detected: 300, closed: 600, detail: "500", errors: 1 },
    ]);
    expect(await open()).toMatchObject([{ opened: 620, closes: 920, errors: 2 }]);
  });

  test("a late failure is counted in the closed window it belongs to while that has no mails", async ({
    expect,
  }) => {
    await count(failure(0), failure(300));
    await count(failure(299.999), failure(301));
    expect(await closed()).toMatchObject([{ detected: 0, errors: 2 }]);
    expect(await open()).toMatchObject([{ opened: 300, errors: 2 }]);
  });

  test("a late failure leaves no open window behind when the window it belongs to was closed", async ({
    expect,
  }) => {
    await count(failure(0), failure(300));
    await database.pool.query("delete from notification_windows");
    await count(failure(10));
    expect(await closed()).toMatchObject([{ detected: 0, errors: 2 }]);
    expect(await open()).toEqual([]);
  });

  test("nothing remains when the caller rolls back", async ({ expect }) => {
    await inTransaction(database.pool, async (client) => {
      await countIntoWindows(client, [failure(0)], windowMs);
      throw new Error("the record step failed");
    }).catch(() => undefined);
    expect(await open()).toEqual([]);
  });

  test("many callers at once, in any order of keys, count every failure once and do not deadlock", async ({
    expect,
  }) => {
    const channels = Array.from({ length: 12 }, (_, at) => `10000000${at + 10}`);
    const batches = Array.from({ length: 24 }, (_, batch) =>
      channels
        .map((_, at) => channels[(at * 5 + batch) % channels.length] ?? "")
        .flatMap((channelId) => [
          failure(batch * 40, { channelId }),
          failure(batch * 40 + 1, { channelId, statusCode: 404, detail: "404" }),
        ]),
    );
    await Promise.all(batches.map((batch) => count(...batch)));
    const { rows } = await database.pool.query<{ key: string; errors: number; windows: number }>(
      `select key, sum(error_count)::int as errors, count(*) filter (where error_count = 0)::int as windows from
         (select key, error_count from notification_windows union all select key, error_count from notifications) a
        group by key order by key`,
    );
    expect(rows).toEqual([
      { key: "404", errors: 288, windows: 0 },
      { key: "500", errors: 288, windows: 0 },
    ]);
  });
});
