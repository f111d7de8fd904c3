import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#lib/db.ts";
import { hashToken } from "#lib/tokens/token-hash.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database;
let app: FastifyInstance;
let url: string;
let channelId: string;
const key = `tpk_${randomBytes(32).toString("base64url")}`;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createTestApi(database);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  await database.db.platformKey.create({
    data: { name: "test", hint: "tpk_", keyHash: hashToken(key) },
  });
  const channel = await createChannel(database.db, {
    webhookUrl: "https://bot.example.com/",
    useWebhook: true,
  });
  channelId = channel.id;
});
afterAll(async () => {
  await app.close();
  await database.close();
});

type Answer = {
  status: number;
  body: { message?: string; details?: { property: string }[]; webhookId?: string; events?: number };
};

async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const intake = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  post(`/v1/channels/${channelId}/webhooks`, body, headers);
const events = (count: number) =>
  JSON.stringify({ events: Array.from({ length: count }, () => ({ type: "follow" })) });
const queued = async () =>
  Number((await database.pool.query("select count(*) from webhook_queue")).rows[0].count);

test("events are durable when the answer is 202", async () => {
  const before = await queued();
  const { status, body } = await intake(events(3));
  expect(status).toBe(202);
  expect(body).toMatchObject({ events: 3 });
  const { rows } = await database.pool.query(
    "select event_count from webhook_queue where id = $1",
    [body.webhookId],
  );
  expect(rows).toEqual([{ event_count: 3 }]);
  expect(await queued()).toBe(before + 1);
});

test("no key, a malformed one and a wrong one are refused alike, before anything is parsed", async () => {
  const before = await queued();
  for (const authorization of ["", "Basic eDp5", "Bearer ", "Bearer wrong", `Bearer ${key}x`]) {
    const { status, body } = await intake("{", { authorization });
    expect([authorization, status]).toEqual([authorization, 401]);
    expect(body.message).toMatch(/^Authentication failed/);
  }
  expect(await queued()).toBe(before);
});

test("a revoked key is refused", async () => {
  const revoked = `tpk_${randomBytes(32).toString("base64url")}`;
  await database.db.platformKey.create({
    data: { name: "old", hint: "tpk_", keyHash: hashToken(revoked), revokedAt: new Date() },
  });
  expect((await intake(events(1), { authorization: `Bearer ${revoked}` })).status).toBe(401);
});

test("what cannot be accepted is refused by name, and nothing is stored", async () => {
  const before = await queued();
  const refusals: [string | Uint8Array<ArrayBuffer>, number, RegExp, string | undefined][] = [
    ["{", 400, /not valid JSON/, undefined],
    ["", 400, /./, undefined],
    [new Uint8Array([0x7b, 0xff, 0x7d]), 400, /not valid JSON in UTF-8/, undefined],
    ["[]", 400, /has errors/, "events"],
    [`{"events":[]}`, 400, /has errors/, "events"],
    [events(101), 400, /has errors/, "events"],
    [`{"events":[{"type":"follow"},{}]}`, 400, /has errors/, "events[1].type"],
    [
      JSON.stringify({ events: [{ type: "x", pad: "x".repeat(262_144) }] }),
      413,
      /at most 262144 bytes/,
      undefined,
    ],
    [
      `{"events":[{"type":"x","deep":${"[".repeat(60_000)}${"]".repeat(60_000)}}]}`,
      400,
      /nested too deeply/,
      undefined,
    ],
  ];
  for (const [body, status, message, property] of refusals) {
    const answer = await intake(body);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringMatching(message)]);
    expect(answer.body.details?.[0]?.property).toBe(property);
  }
  expect(await queued()).toBe(before);
});

test("a body that is not JSON by its content type is refused", async () => {
  expect((await intake(events(1), { "content-type": "text/plain" })).status).toBe(400);
});

test("an unknown channel is a 404", async () => {
  const { status, body } = await post("/v1/channels/0000000000/webhooks", events(1));
  expect([status, body.message]).toEqual([404, 'There is no channel "0000000000"']);
});

test("a channel id that no database can hold is a 404, and refuses nobody else's events", async () => {
  const [odd, even] = await Promise.all([
    post("/v1/channels/%00/webhooks", events(1)),
    intake(events(1)),
  ]);
  expect([odd.status, even.status]).toEqual([404, 202]);
});

test("a repeated Idempotency-Key answers as the first time, and with other events is a conflict", async () => {
  const headers = { "idempotency-key": "order-17" };
  const first = await intake(events(2), headers);
  expect(await intake(events(2), headers)).toEqual(first);
  expect((await intake(events(1), headers)).status).toBe(409);
});

test("of many lines each has its own answer", async () => {
  const lines = [
    JSON.stringify({ channelId, events: [{ type: "follow" }] }),
    "{",
    JSON.stringify({ channelId: "0000000000", events: [{ type: "follow" }] }),
    JSON.stringify({ events: [{ type: "follow" }] }),
    JSON.stringify({ channelId, events: [{ type: "a" }, { type: "b" }] }),
  ];
  const response = await fetch(`${url}/v1/webhooks`, {
    method: "POST",
    body: lines.join("\n"),
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
  });
  const answers = (await response.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map((answer) => [answer.status, answer.events])).toEqual([
    [202, 1],
    [400, undefined],
    [404, undefined],
    [400, undefined],
    [202, 2],
  ]);
});

test("health tells the process from the database", async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("tocsin_queue_oldest_due_seconds");
});

test("the figures tell how many channels fail, and to how many of them nothing is sent", async () => {
  const suspended = await createChannel(database.db, {});
  const outage = {
    failingSince: new Date(),
    lastFailureAt: new Date(),
    failedCount: 3,
    reason: "request_timeout" as const,
    detail: "Request timeout",
  };
  await database.db.endpointHealth.createMany({
    data: [
      { channelId, ...outage, shownSince: new Date() },
      { channelId: suspended.id, ...outage, suspendedAt: new Date() },
      // A failure here and there is not shown.
      { channelId: "0000000000", ...outage },
    ],
  });
  const figures = await (await fetch(`${url}/metrics`)).text();
  expect(figures).toContain('tocsin_channels_failing{sending="on"} 1');
  expect(figures).toContain('tocsin_channels_failing{sending="suspended"} 1');
});

test("the figures tell how long mails have waited, what stands in their way, and what became of the last day's", async () => {
  const age = (seconds: number) => new Date(Date.now() - seconds * 1_000);
  const mail = { recipient: "a@example.com", locale: "en", subject: "s", html: "h", text: "t" };
  await database.db.mail.createMany({
    data: [
      { ...mail, state: "queued", createdAt: age(600), messageId: "<1@mail.example>" },
      { ...mail, state: "queued", createdAt: age(60), messageId: "<2@mail.example>" },
      { ...mail, state: "failed", createdAt: age(600), messageId: "<3@mail.example>" },
      { ...mail, state: "failed", createdAt: age(90_000), messageId: "<4@mail.example>" },
    ],
  });
  await database.db.mailNotice.create({ data: { kind: "certificate", answer: "self-signed" } });
  const figures = await (await fetch(`${url}/metrics`)).text();
  expect(figures).toContain('tocsin_mail_notices{kind="certificate"} 1');
  expect(figures).toContain('tocsin_mail_notices{kind="sender"} 0');
  expect(figures).toMatch(/^tocsin_mails_oldest_waiting_seconds 6\d\d(\.|$)/m);
  expect(figures).toContain('tocsin_mails_last_day{state="queued"} 2');
  expect(figures).toContain('tocsin_mails_last_day{state="failed"} 1');
  expect(figures).toContain('tocsin_mails_last_day{state="sent"} 0');
});

test("while the database is away intake answers 503 and accepts nothing", async () => {
  const away = openDatabase("postgresql://nobody:x@127.0.0.1:1/none");
  const broken = createTestApi(away);
  const response = await broken.inject({
    method: "POST",
    url: `/v1/channels/${channelId}/webhooks`,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    payload: events(1),
  });
  expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
  await broken.close();
  await away.close();
});
