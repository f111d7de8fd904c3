import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import { issueSecretAtOnce } from "#lib/channels/issue-secret.ts";
import type { Database } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { type ClaimedWebhook, claimWebhooks, lanes } from "#lib/queue/claim.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { recordErrors } from "#lib/recording/record-errors.ts";
import type { ErrorClass } from "#lib/transport/error-class.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createChannelViews } from "./channel-views.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const encryptionKey = Buffer.alloc(32, 7);
const on = {
  encryptionKey,
  webhookUrl: "https://bot.example.com/webhook",
  useWebhook: true,
  webhookRedelivery: false,
  errorStatisticsAggregation: true,
};
const options = { scheduleMs: [600_000], notificationWindowMs: 300_000, random: () => 0.5 };

async function claimOne(channelId: string): Promise<ClaimedWebhook> {
  const request = { channelId, events: ['{"type":"follow"}'], idempotencyKey: null };
  const [accepted] = await acceptWebhooks(database.pool, [request]);
  if (accepted === undefined || accepted instanceof AppError) throw new Error("not accepted");
  const claimed = await claimWebhooks(database.pool, {
    lane: lanes.first,
    turnsMax: 100,
    leaseMs: 20_000,
    excluded: [],
    share: (channelIds) => channelIds.map((id) => (id === channelId ? 10 : 0)),
    doubtfulMax: 1,
    onSetAside: () => undefined,
  });
  const [webhook] = claimed;
  if (webhook === undefined) throw new Error("nothing was claimed");
  return webhook;
}

const base = {
  times: { total: 12 },
  note: null,
  seen: { phase: "answer" as const },
  protocol: null,
  remoteAddress: null,
};
type FailedOutcome = Extract<DeliveryOutcome, { state: "error" }>;
const failedWith = (error: ErrorClass, more: Partial<FailedOutcome> = {}): FailedOutcome => ({
  ...base,
  startedAt: new Date(),
  state: "error",
  error,
  retryAfterMs: null,
  response: null,
  ...more,
});
const status = (statusCode: number, body = ""): FailedOutcome =>
  failedWith(
    { reason: "error_status_code", detail: `${statusCode}`, statusCode },
    { response: { headers: [], body: Buffer.from(body) } },
  );
const timedOut = (startedAt = new Date()): FailedOutcome =>
  failedWith(
    { reason: "request_timeout", detail: "Request timeout", statusCode: null },
    { startedAt },
  );

/** Views that are looked up anew each time. */
const freshViews = () =>
  createChannelViews(database.pool, (error) => {
    throw error;
  });

async function fail(channelId: string, outcome: FailedOutcome, viewsOf = freshViews()) {
  const webhook = await claimOne(channelId);
  await recordErrors(database.pool, [{ webhook, outcome }], { ...options, viewsOf });
  const where = { webhookId: webhook.id };
  const [error] = await database.db.webhookError.findMany({ where });
  const [attempt] = await database.db.webhookAttempt.findMany({ where });
  if (error !== undefined) expect(error.likelyCause).toBe(attempt?.likelyCause);
  return attempt;
}

async function deliver(channelId: string, startedAt = new Date()) {
  const webhook = await claimOne(channelId);
  const response = { headers: [], body: Buffer.alloc(0) };
  const outcome = { ...base, startedAt, statusCode: 200, retryAfterMs: null, response };
  await recordDelivered(database.pool, [{ webhook, outcome: { ...outcome, state: "delivered" } }]);
}

test("the cause is stored with the attempt and its error, and what was seen with the attempt", async () => {
  const { id } = await createChannel(database.db, on);
  const seen = { phase: "answer", alert: "certificate_required", code: "a\u0000b" } as const;
  const attempt = await fail(
    id,
    failedWith(
      { reason: "could_not_connect", detail: "TLS handshake failure", statusCode: null },
      { seen },
    ),
  );
  expect(attempt).toMatchObject({
    likelyCause: "client_certificate_demanded",
    seen: { ...seen, code: "a\ufffdb" },
  });
});

test("a worker that lost its lease stores no cause", async () => {
  const { id } = await createChannel(database.db, on);
  const webhook = await claimOne(id);
  const lost = { ...webhook, lease: "00000000-0000-4000-8000-000000000000" };
  await recordErrors(database.pool, [{ webhook: lost, outcome: status(500) }], options);
  expect(await database.db.webhookError.count({ where: { channelId: id } })).toBe(0);
  expect(await database.db.webhookAttempt.count({ where: { channelId: id } })).toBe(0);
});

test("500 with every webhook is told as the signature check once nothing got through since the secret changed", async () => {
  const { id } = await createChannel(database.db, on);
  await deliver(id, new Date(Date.now() - 300_000));
  for (let failures = 0; failures < 3; failures += 1) {
    expect(await fail(id, status(500))).toMatchObject({ likelyCause: "handler_fails_sometimes" });
  }
  expect(await fail(id, status(500))).toMatchObject({ likelyCause: "handler_fails_always" });
  await issueSecretAtOnce(database.db, encryptionKey, testActor, id, null);
  expect(await fail(id, status(500))).toMatchObject({ likelyCause: "signature_breaks_handler" });
  await fail(id, status(503));
  expect(await fail(id, status(500))).toMatchObject({ likelyCause: "handler_fails_sometimes" });
});

test("a time-out is told as a stopped bot behind HAProxy where HAProxy's page was seen", async () => {
  const { id } = await createChannel(database.db, on);
  await fail(id, timedOut());
  const page =
    "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
  expect(await fail(id, status(503, page))).toMatchObject({ likelyCause: "bot_down_behind_proxy" });
  expect(await fail(id, timedOut())).toMatchObject({ likelyCause: "stopped_behind_haproxy" });
});

test("a time-out after a long pause is told as a cold start, one among many as slowness", async () => {
  const { id } = await createChannel(database.db, on);
  await deliver(id, new Date(Date.now() - 7_200_000));
  expect(await fail(id, timedOut())).toMatchObject({ likelyCause: "cold_start" });
  for (let sent = 0; sent < 9; sent += 1) await deliver(id);
  expect(await fail(id, timedOut())).toMatchObject({ likelyCause: "slow_sometimes" });
  for (let sent = 0; sent < 9; sent += 1) await fail(id, timedOut());
  await deliver(id);
  expect(await fail(id, timedOut())).toMatchObject({ likelyCause: "slow_mostly" });
});

test("without counting, the log tells whether the channel ever delivered", async () => {
  const silent = { ...on, errorStatisticsAggregation: false };
  const { id } = await createChannel(database.db, silent);
  await deliver(id, new Date(Date.now() - 60_000));
  for (let failures = 0; failures < 3; failures += 1) await fail(id, status(500));
  expect(await fail(id, status(500))).toMatchObject({ likelyCause: "handler_fails_always" });
  expect(await database.db.webhookError.count({ where: { channelId: id } })).toBe(0);
});

test("a look-up that fails hinders no record", async () => {
  const { id } = await createChannel(database.db, on);
  const errors: unknown[] = [];
  const broken = Object.assign(Object.create(database.pool), {
    query: () => Promise.reject(new Error("statement timeout")),
  });
  const viewsOf = createChannelViews(broken, (error) => errors.push(error));
  expect(await fail(id, status(500), viewsOf)).toMatchObject({
    likelyCause: "handler_fails_sometimes",
  });
  expect(errors).toHaveLength(1);
});

test("a channel's view is looked up once in some seconds, however many attempts ask", async () => {
  const { id } = await createChannel(database.db, on);
  let now = 1_000_000;
  let lookUps = 0;
  const counting = Object.assign(Object.create(database.pool), {
    query: (statement: object) => {
      lookUps += 1;
      return database.pool.query(statement as never);
    },
  });
  const viewsOf = createChannelViews(
    counting,
    () => undefined,
    () => now,
  );
  for (let asked = 0; asked < 5; asked += 1) await viewsOf([id, id]);
  expect(lookUps).toBe(1);
  now += 10_001;
  await viewsOf([id]);
  expect(lookUps).toBe(2);
});
