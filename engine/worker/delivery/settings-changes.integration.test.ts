import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { acceptEvents, eventually } from "#e2e/servers/delivery-truth.ts";
import { startCancellations } from "#engine/worker/chores/cancellations.ts";
import { setWebhookUrl } from "#lib/channels/commands.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import type { Listener } from "#lib/listener.ts";
import { createLiveSignal } from "#lib/live/signal.ts";
import { openLog } from "#lib/log.ts";
import type { Steps } from "#lib/steps.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import type { DeliveryOutcome, DeliveryRequest } from "#lib/transport/schema.ts";
import { createChannel, testActor, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { listenForWork } from "./listen.ts";
import { createWorker, type Worker } from "./worker.ts";

let database: Database & { url: string };
let worker: Worker;
let listener: Listener;
let cancellations: Steps;
/** Requests that have begun, and what lets them end as delivered. */
let begun: { url: string; end: () => void }[];
let bodies: string[];
/** Changes that the worker has heard of. */
let heard: (string | null)[];

const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });

const delivered = (startedAt: Date): DeliveryOutcome => ({
  state: "delivered",
  startedAt,
  times: { total: 1 },
  note: null,
  seen: { phase: "answer" as const },
  protocol: "http/1.1",
  remoteAddress: "127.0.0.1",
  statusCode: 200,
  retryAfterMs: null,
  response: { headers: [], body: Buffer.alloc(0) },
});
const send = ({ url, body }: DeliveryRequest): Promise<DeliveryOutcome> =>
  new Promise((settle) => {
    const startedAt = new Date();
    bodies.push(body.toString());
    begun.push({ url, end: () => settle(delivered(startedAt)) });
  });

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  begun = [];
  bodies = [];
  heard = [];
  const log = openLog("test", "silent");
  // Each lane may use all four while the other wants none; twice as many wait in hand.
  worker = createWorker({
    database,
    send,
    slots: 4,
    scheduleMs: [50],
    notificationWindowMs: 300_000,
    encryptionKey: testEncryptionKey,
    log,
  });
  const onSettings: Worker["recheck"] = (change) => {
    worker.recheck(change);
    heard.push(change.channelId);
  };
  const live = createLiveSignal(database.pool, () => undefined);
  cancellations = startCancellations(database.pool, live, log);
  let isListening = false;
  const onWork = (): void => {
    isListening = true;
    worker.notify();
  };
  listener = listenForWork(database.url, { onWork, onSettings }, log);
  await eventually("the listener listens", () => isListening);
});
afterEach(async () => {
  await listener.stop();
  await cancellations.stop();
  // What begins while it stops has to end too.
  let isStopped = false;
  const stopping = worker.stop().then(() => {
    isStopped = true;
  });
  await eventually("the worker has stopped", () => {
    for (const one of begun) one.end();
    return isStopped;
  });
  await stopping;
});

async function hold(lane: 0 | 1, slots: number): Promise<string> {
  const { id } = await createChannel(database.db, {
    webhookUrl: "https://old.example.com/",
    useWebhook: true,
    webhookRedelivery: true,
  });
  await acceptEvents(database, id, 12);
  if (lane === 1) {
    await database.pool.query("update webhook_queue set lane = 1, attempt = 1, failures = 1");
    await database.pool.query("update ready_channels set lane = 1");
  }
  worker.start();
  await eventually("the slots are taken, and more is in hand", async () => {
    const { rows } = await database.pool.query<{ held: number }>(
      "select count(*)::int as held from webhook_queue where lease is not null",
    );
    return begun.length === slots && (rows[0]?.held ?? 0) > slots;
  });
  return id;
}

const endAll = async (): Promise<void> => {
  await eventually("everything has ended", async () => {
    for (const one of begun) one.end();
    return (await database.db.queuedWebhook.count()) === 0;
  });
};
const statesOf = async (channelId: string): Promise<Record<string, number>> => {
  const rows = await database.db.webhook.groupBy({
    by: ["state"],
    where: { channelId },
    _count: true,
  });
  return Object.fromEntries(rows.map((row) => [row.state, row._count]));
};

test("after Use webhook was turned off nothing more is sent, not even what a worker had in hand", async () => {
  const id = await hold(0, 4);
  await turnSwitch(database.db, testActor, id, "useWebhook", false);
  await eventually("the worker has heard", () => heard.includes(id));
  await endAll();
  expect(begun).toHaveLength(4);
  expect(await statesOf(id)).toEqual({ delivered: 4, not_sent: 8 });
});

test("after Webhook redelivery was turned off the redeliveries in hand end as cancelled", async () => {
  const id = await hold(1, 4);
  await turnSwitch(database.db, testActor, id, "webhookRedelivery", false);
  await eventually("the worker has heard", () => heard.includes(id));
  await endAll();
  expect(begun).toHaveLength(4);
  expect(await statesOf(id)).toEqual({ delivered: 4, cancelled: 8 });
  const attempts = await database.db.webhook.findMany({
    where: { channelId: id, state: "cancelled" },
    select: { attempts: true },
  });
  expect(new Set(attempts.map((one) => one.attempts))).toEqual(new Set([1]));
});

test("after sending was suspended nothing more is sent, whoever suspended it", async () => {
  const id = await hold(0, 4);
  await database.db.endpointHealth.create({
    data: {
      channelId: id,
      // After what is on the wire began, or its delivery would end the outage.
      failingSince: new Date(Date.now() + 1),
      lastFailureAt: new Date(),
      failedCount: 1,
      reason: "request_timeout",
      detail: "Request timeout",
    },
  });
  await database.db.endpointHealth.update({
    where: { channelId: id },
    data: { suspendedAt: new Date() },
  });
  await eventually("the worker has heard", () => heard.includes(id));
  await endAll();
  expect(begun).toHaveLength(4);
  expect((await statesOf(id)).not_sent).toBe(8);
});

test("while nobody could hear of changes anything may have changed: what is in hand is claimed again", async () => {
  const id = await hold(0, 4);
  await database.pool.query(
    "update webhook_queue set body = replace(body, 'follow', 'unfollow') where lease is not null",
  );
  await database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tocsin listener' and datname = current_database()",
  );
  await eventually("the worker listens again", () => heard.includes(null));
  await endAll();
  expect(await statesOf(id)).toEqual({ delivered: 12 });
  expect(bodies.slice(0, 4).join()).not.toContain("unfollow");
  expect(bodies.slice(4).filter((body) => body.includes("unfollow")).length).toBeGreaterThan(0);
});

test("after the Webhook URL was changed everything that had not begun goes to the new one", async () => {
  const id = await hold(0, 4);
  await setWebhookUrl(database.db, policy, testActor, id, "https://new.example.com/");
  await eventually("the worker has heard", () => heard.includes(id));
  await endAll();
  expect(begun.map((one) => one.url)).toEqual([
    ...Array.from({ length: 4 }, () => "https://old.example.com/"),
    ...Array.from({ length: 8 }, () => "https://new.example.com/"),
  ]);
  expect(await statesOf(id)).toEqual({ delivered: 12 });
});
