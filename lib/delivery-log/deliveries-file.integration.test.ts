import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { redeliverWebhooks } from "#lib/redeliveries/redeliver.ts";
import { testActor as actor, actorOf, createChannel, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, deliverAll, failAll } from "#testing/test-webhooks.ts";
import { anyOutcome, type LogQuestion } from "./schema.ts";
import { exportDeliveries } from "./stream-deliveries.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query("truncate webhook_queue, ready_channels, webhooks");
  ({ id: channelId } = await createChannel(database.db, {
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
  }));
});

const question = (change: Partial<LogQuestion> = {}): LogQuestion => ({
  ...{ channelId, states: null, eventType: null, eventId: null, doubtful: false },
  from: new Date(Date.now() - 3_600_000),
  to: new Date(Date.now() + 3_600_000),
  ...change,
});

async function open(
  change: Partial<LogQuestion>,
  format: ExportFormat,
  limits?: Parameters<typeof exportDeliveries>[3],
) {
  const user = actorOf(await createUser(database.db));
  const wanted = { question: question(change), webhookId: null, ascending: false };
  const file = { ...wanted, timeZone: "Asia/Tokyo", format };
  return exportDeliveries(database, user, file, limits);
}

async function take(change: Partial<LogQuestion>, format: ExportFormat = "jsonl") {
  const { rowCount, stream } = await open(change, format);
  const lines = (await new Response(stream).text()).trimEnd().split("\n");
  return { rowCount, lines };
}

const some = (count: number) => acceptSome(database.pool, channelId, count);

test("the file has each webhook once, newest first, with how it stands, and says how many", async () => {
  const delivered = await some(3_000);
  await deliverAll(database.pool, await claimSome(database.pool, { share: () => [5_000] }));
  const failed = await some(2);
  await failAll(database.pool, await claimSome(database.pool));
  const waiting = await some(2_500);
  const { rowCount, lines } = await take({});
  const rows = lines.map((line) => JSON.parse(line));
  expect(rowCount).toBe(5_502);
  expect(rows.map((row) => row.webhookId)).toEqual(
    [...delivered, ...failed, ...waiting].sort().reverse(),
  );
  const states = new Map(rows.map((row) => [row.webhookId, row.state]));
  expect(states.get(delivered[7] ?? "")).toBe("delivered");
  expect(states.get(waiting[7] ?? "")).toBe("waiting");
  const errors = await take({ outcome: { ...anyOutcome, reason: "error_status_code" } }, "csv");
  expect(errors.rowCount).toBe(2);
  expect(errors.lines).toHaveLength(3);
  expect(errors.lines[1]).toContain(",failed,1,1,");
  expect(errors.lines[1]).toContain(",error_status_code,500,500,");
});

test("the entry of a file in the audit log names the filters that it was taken with", async () => {
  const outcome = { ...anyOutcome, status: { from: 500, to: 599 }, answerFromMs: 100 };
  await take({ states: ["failed"], outcome, sourceId: "U1" });
  const entry = await database.db.auditEntry.findFirst({ orderBy: { id: "desc" } });
  expect(entry).toMatchObject({
    action: "deliveries_exported",
    after: {
      format: "jsonl",
      states: ["failed"],
      statusCode: "5xx",
      answerFromMs: 100,
      sourceId: "U1",
    },
  });
});

test("what moves between queue and log while the file is read stands in it all the same", async () => {
  await some(5_000);
  const claimed = await claimSome(database.pool, { share: () => [9_000] });
  await deliverAll(database.pool, claimed);
  const { rowCount, stream } = await open({ states: ["delivered"] }, "jsonl");
  const reader = stream.getReader();
  // Ids begin with the time, and the file ends with the oldest: its last part has not been read yet.
  const oldest = claimed
    .map((one) => one.id)
    .sort()
    .slice(0, 100);
  const chunks: Uint8Array[] = [];
  for (let isFirst = true; ; isFirst = false) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    if (isFirst) await redeliverWebhooks(database.db, actor, channelId, oldest);
  }
  const rows = Buffer.concat(chunks).toString().trimEnd().split("\n");
  expect(rowCount).toBe(5_000);
  expect(new Set(rows.map((row) => JSON.parse(row).webhookId)).size).toBe(5_000);
  expect(rows.some((row) => JSON.parse(row).state === "waiting")).toBe(true);
});

test("a file that would be too long is refused in words before it begins", async () => {
  await some(30);
  const refused = { code: "too_large", key: "deliveries_file_long" };
  const small = { rows: 29, looks: 1_000, opened: 1_000 };
  await expect(open({}, "tsv", small)).rejects.toMatchObject(refused);
  const few = { rows: 100, looks: 1_000, opened: 10 };
  await expect(open({ eventType: "beacon" }, "tsv", few)).rejects.toMatchObject(refused);
  expect((await open({}, "tsv", few)).rowCount).toBe(30);
});
