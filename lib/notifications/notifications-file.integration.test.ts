import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { actorOf, createChannel, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { exportNotifications } from "./stream-notifications.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function take(channelId: string, format: ExportFormat) {
  const actor = actorOf(await createUser(database.db));
  const wanted = { channelId, timeZone: "America/Havana", format };
  const { rowCount, stream } = await exportNotifications(database, actor, wanted);
  return { rowCount, text: await new Response(stream).text() };
}

/** Windows that closed three at a time, the newest first. */
async function insert(channelId: string, count: number): Promise<void> {
  await database.pool.query(
    `insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count)
     select gen_random_uuid(), $1, 'error_detected', '503', at - interval '5 minutes', at, 'error_status_code', '503', n
       from generate_series(1, $2::int) n,
            lateral (select timestamptz '2026-11-01 05:35Z' - (n / 3) * interval '1 minute' as at) a`,
    [channelId, count],
  );
}

test("the file has each notification of the channel once, newest first, also where many closed at once", async () => {
  const { db } = database;
  const [{ id }, { id: other }] = [await createChannel(db), await createChannel(db)];
  await insert(id, 4_501);
  await insert(other, 3);
  const { rowCount, text } = await take(id, "jsonl");
  const entries = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rowCount).toBe(4_501);
  const errors = entries.map((entry) => entry.errors);
  expect(new Set(errors).size).toBe(4_501);
  expect(errors).toHaveLength(4_501);
  const times = entries.map((entry) => entry.detectedAt);
  expect(times).toEqual([...times].sort().reverse());
});

test("a row says what was detected, when on the reader's wall, and who was told", async () => {
  const { db, pool } = database;
  const { id } = await createChannel(db);
  await insert(id, 1);
  await pool.query(
    `insert into notices (id, notification_id, channel_id, address, address_key, locale)
     select gen_random_uuid(), id, channel_id, 'Night@example.com', 'night@example.com', 'en' from notifications where channel_id = $1`,
    [id],
  );
  const { text } = await take(id, "tsv");
  expect(text.trimEnd().split("\n")).toEqual([
    "Detected\tOffset\tZone\tType\tReason\tDetail\tStatus code\tErrors\tNobody told because\tRecipients\tAlerts",
    [
      ...["2026-11-01 00:30:00.000", "-05:00", "America/Havana", "error_detected"],
      ...["error_status_code", "503", "503", "1", ""],
      ...['"[{""state"": ""waiting"", ""address"": ""Night@example.com""}]"', "[]"],
    ].join("\t"),
  ]);
  const entry = await db.auditEntry.findFirstOrThrow({ where: { channelId: id } });
  expect(entry.action).toBe("notifications_exported");
});
