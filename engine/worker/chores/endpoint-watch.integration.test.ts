import { test } from "vitest";
import { openLog } from "#lib/log.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { startEndpointWatch } from "./endpoint-watch.ts";

const hour = 3_600_000;

test("workers that watch together suspend a bot server that failed for the whole limit, and tell it once", async ({
  expect,
}) => {
  const database = await createTestDatabase();
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
  });
  await database.db.endpointHealth.create({
    data: {
      channelId,
      failingSince: new Date(Date.now() - 73 * hour),
      lastFailureAt: new Date(),
      failedCount: 9,
      reason: "request_timeout",
      detail: "Request timeout",
    },
  });
  const policy = { limitMs: 72 * hour, suspends: true };
  const log = openLog("test", "silent");
  const watches = [1, 2, 3].map(() => startEndpointWatch(database, policy, log, 20));
  const isSuspended = () =>
    database.db.endpointHealth.count({ where: { channelId, suspendedAt: { not: null } } });
  await expect.poll(isSuspended, { timeout: 120_000 }).toBe(1);
  await Promise.all(watches.map((watch) => watch.stop()));
  const told = await database.db.notification.findMany({ select: { type: true, key: true } });
  expect(told).toEqual([{ type: "endpoint_failing", key: "suspended" }]);
  await database.close();
});
