import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, test } from "vitest";
import { addTarget, testTarget } from "#lib/alerts/commands.ts";
import { listTargets } from "#lib/alerts/queries.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { type Database, inTransaction } from "#lib/db.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { countIntoWindows } from "#lib/notifications/count-failures.ts";
import type { NotableFailure } from "#lib/notifications/schema.ts";
import { stepSlots } from "#lib/slots.ts";
import { takeSteps } from "#lib/steps.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createSender, type Sender } from "#lib/transport/sender.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import {
  createChannel,
  testEncryptionKey as encryptionKey,
  testActor,
} from "#testing/factories.ts";
import { sendAlerts } from "#testing/send-alerts.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createAlerter } from "./alerter.ts";

type Received = { path: string; body: string; headers: Record<string, string> };

const log = pino({ level: "silent" });
const policy = createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true });
let database: Database;
let sender: Sender;
let url: string;
let statusCode = 200;
let answerAfterMs = 0;
const received: Received[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    received.push({ path: request.url ?? "", body: Buffer.concat(chunks).toString(), headers });
    setTimeout(() => response.writeHead(statusCode).end(), answerAfterMs);
  });
});

beforeAll(async () => {
  database = await createTestDatabase();
  sender = createSender({ policy });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await sender.close();
  await new Promise((settle) => server.close(settle));
  await database.close();
});
beforeEach(async () => {
  received.length = 0;
  statusCode = 200;
  answerAfterMs = 0;
  await database.pool.query("truncate notification_windows, notifications, notices, mails, alerts");
});

const send = (with_: Pick<Sender, "send"> = sender) =>
  sendAlerts({ pool: database.pool, sender: with_, encryptionKey, log });
const add = (channelId: string, kind: "webhook" | "slack", path: string) =>
  addTarget(database.db, { policy, encryptionKey }, testActor, {
    ...{ channelId, kind, name: kind },
    url: `${url}${path}`,
  });

async function failOnce(channelId: string, likelyCause: LikelyCause | null = null): Promise<void> {
  const failedAt = new Date(Date.now() - 400_000);
  const failure: NotableFailure = {
    channelId,
    type: "error_detected",
    statusCode: 503,
    reason: "error_status_code",
    detail: "503",
    occurredAt: failedAt,
    errorCount: 3,
  };
  const { reason, detail, statusCode } = failure;
  const error = { occurredAt: failedAt, reason, detail, statusCode, likelyCause };
  await createErrors(database.pool, channelId, [makeError(error)]);
  await inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
  await closeDueWindows(database.pool, closingOptions());
}

test("a failure reaches both kinds of target once, signed as Standard Webhooks says, and marked-up text is harmless", async ({
  expect,
}) => {
  const channel = await createChannel(database.db, { name: "<!here> & co" });
  const { secret } = await add(channel.id, "webhook", "/signed");
  expect(await add(channel.id, "slack", "/slack")).toEqual({ secret: null });
  await failOnce(channel.id);
  await Promise.all([send(), send()]);
  await send();
  expect(received.map(({ path }) => path).sort()).toEqual(["/signed", "/slack"]);
  const signed = received.find(({ path }) => path === "/signed");
  const verified = new Webhook(secret ?? "").verify(signed?.body ?? "", signed?.headers ?? {});
  expect(verified).toMatchObject({
    type: "channel.error_detected",
    data: { channelId: channel.id, reason: "error_status_code", detail: "503", errorCount: 3 },
  });
  expect(signed?.headers).not.toHaveProperty("x-line-signature");
  const slack = received.find(({ path }) => path === "/slack");
  expect(JSON.parse(slack?.body ?? "").text).toContain("&lt;!here&gt; &amp; co");
  expect(slack?.headers).not.toHaveProperty("webhook-signature");
  expect(await database.db.alert.count({ where: { state: "sent" } })).toBe(2);
});

test("an alert names the likely cause as the console does, and none where none is known", async ({
  expect,
}) => {
  for (const likelyCause of ["bot_down_behind_proxy", null] as const) {
    const { id } = await createChannel(database.db);
    await add(id, "webhook", `/signed/${likelyCause}`);
    await add(id, "slack", `/slack/${likelyCause}`);
    await failOnce(id, likelyCause);
  }
  await send();
  const bodyAt = (path: string) =>
    JSON.parse(received.find((one) => one.path === path)?.body ?? "{}");
  expect(bodyAt("/signed/bot_down_behind_proxy").data.likelyCause).toBe("bot_down_behind_proxy");
  expect(bodyAt("/signed/null").data.likelyCause).toBeNull();
  const { name, action } = messagesFor("en").causes.bot_down_behind_proxy;
  const link = "https://console.example.com/console/help/causes#bot_down_behind_proxy";
  const told = `Likely cause: <${link}|${name}> ${action}`;
  expect(bodyAt("/slack/bot_down_behind_proxy").text).toContain(told);
  expect(bodyAt("/slack/null").text).not.toContain("Likely cause");
});

test("an alert that is not taken is tried again with the same id, and the target tells of it", async ({
  expect,
}) => {
  const channel = await createChannel(database.db);
  await add(channel.id, "webhook", "/flaky");
  await failOnce(channel.id);
  statusCode = 500;
  await send();
  expect(await listTargets(database.db, channel.id)).toMatchObject([
    { lastError: "error_status_code: 500", lastSentAt: null, waitingCount: 1 },
  ]);
  expect(await send()).toBe(0);
  statusCode = 204;
  await database.pool.query("update alerts set due_at = now() - interval '1 second'");
  await send();
  expect(await listTargets(database.db, channel.id)).toMatchObject([
    { lastError: null, lastSentAt: expect.any(Date), waitingCount: 0 },
  ]);
  const [first, second] = received;
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
});

test("a target that takes its time to answer has taken the alert, and gets it once", async ({
  expect,
}) => {
  const channel = await createChannel(database.db);
  await add(channel.id, "slack", "/slow");
  await failOnce(channel.id);
  // Longer than bot servers have.
  answerAfterMs = 2_500;
  await send();
  const alerts = await database.db.alert.findMany();
  expect(alerts).toMatchObject([{ state: "sent", attempts: 1, statusCode: 200 }]);
  expect(received).toHaveLength(1);
});

test("targets that do not answer hold up no other, whenever its alerts come", async ({
  expect,
}) => {
  const channel = await createChannel(database.db);
  await add(channel.id, "webhook", "/hanging");
  await add(channel.id, "slack", "/well");
  const write = (kind: string, count: number) =>
    database.pool.query(
      `insert into alerts (id, target_id, channel_id, body, due_at)
       select gen_random_uuid(), t.id, t.channel_id, '{}', now() - interval '1 minute'
         from alert_targets t, generate_series(1, $3::int) n where t.channel_id = $1 and t.kind = $2`,
      [channel.id, kind, count],
    );
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let hangingCount = 0;
  const hanging: Pick<Sender, "send"> = {
    send: async (request) => {
      if (!request.url.endsWith("/hanging")) return sender.send(request);
      hangingCount += 1;
      await answered;
      return sender.send(request);
    },
  };
  const alerter = createAlerter({ pool: database.pool, sender: hanging, encryptionKey, log });
  const steps = takeSteps(() => stepSlots(alerter, 20), { idleMs: 20, failed: "failed", log });
  await write("webhook", 4);
  await expect.poll(() => hangingCount, { timeout: 60_000 }).toBe(4);
  // The last slots are free, and what comes now finds them.
  await write("slack", 12);
  await expect.poll(() => received.length, { timeout: 60_000 }).toBe(12);
  expect(new Set(received.map(({ path }) => path))).toEqual(new Set(["/well"]));
  answer();
  await steps.stop();
  await alerter.slots.idle();
  expect(received).toHaveLength(16);
});

test("a private address is refused when it is set, and by the sender when it has become private", async ({
  expect,
}) => {
  const channel = await createChannel(database.db);
  const strict = createTargetPolicy({ allowTargets: [], allowHttp: true });
  const form = { channelId: channel.id, kind: "slack", name: "x", url: `${url}/x` } as const;
  await expect(
    addTarget(database.db, { policy: strict, encryptionKey }, testActor, form),
  ).rejects.toMatchObject({ key: "url_private_target", details: [{ property: "url" }] });
  await add(channel.id, "slack", "/x");
  await failOnce(channel.id);
  const guarded = createSender({ policy: strict });
  await send(guarded);
  await guarded.close();
  expect(received).toEqual([]);
  expect((await database.db.alert.findMany()).map(({ state }) => state)).toEqual(["queued"]);
});

test("a channel has at most five targets, and a test alert goes to one of them", async ({
  expect,
}) => {
  const channel = await createChannel(database.db);
  for (let index = 0; index < 5; index += 1) await add(channel.id, "webhook", `/${index}`);
  await expect(add(channel.id, "webhook", "/6")).rejects.toMatchObject({ key: "too_many_targets" });
  const [target] = await listTargets(database.db, channel.id);
  const place = { channelId: channel.id, targetId: target?.id ?? "" };
  await testTarget(database.db, testActor, "https://console.example.com", place);
  await send();
  expect(received.map(({ body }) => JSON.parse(body).type)).toEqual(["channel.test"]);
});
