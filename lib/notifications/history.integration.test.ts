import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { listHistory } from "./history.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("what was sent to a target that is gone is not said to wait", async () => {
  const { db, pool } = database;
  const { id: channelId } = await createChannel(db, { emailVerifiedAt: null });
  const target = await db.alertTarget.create({
    data: { channelId, kind: "slack", name: "on call", sealedUrl: "", host: "a.example.com" },
  });
  const failure = {
    ...({ channelId, type: "error_detected", statusCode: 500 } as const),
    ...({ reason: "error_status_code", detail: "500", errorCount: 1 } as const),
    occurredAt: new Date(Date.now() - 400_000),
  };
  await inTransaction(pool, (client) => countIntoWindows(client, [failure], 300_000));
  const atEnd = new Date(failure.occurredAt.getTime() + 300_001);
  await closeDueWindows(pool, closingOptions({}, { now: atEnd }));
  const newest = async () => (await listHistory(db, channelId, null)).entries[0];
  expect(await newest()).toMatchObject({ isSettled: false, alerts: [], recipients: [] });
  await closeDueWindows(pool, closingOptions());
  expect(await newest()).toMatchObject({ isSettled: true, alerts: [{ name: "on call" }] });
  await db.alertTarget.delete({ where: { id: target.id } });
  expect(await newest()).toMatchObject({ isSettled: true, alerts: [], untold: null });
});
