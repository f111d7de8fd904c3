import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { markRedelivery } from "#lib/queue/events.ts";
import { hashToken } from "#lib/tokens/token-hash.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database;
let app: FastifyInstance;
let url: string;
let channel: { id: string; botUserId: string };
const key = `tpk_${randomBytes(32).toString("base64url")}`;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createTestApi(database);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  await database.db.platformKey.create({
    data: { name: "test", hint: "tpk_", keyHash: hashToken(key) },
  });
  channel = await createChannel(database.db, {
    webhookUrl: "https://bot.example.com/",
    useWebhook: true,
  });
});
afterAll(async () => {
  await app.close();
  await database.close();
});

type Answer = {
  status: number;
  message?: string;
  details?: { message: string; property: string }[];
  webhookId?: string;
};

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  return fetch(`${url}${path}`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
  });
}

async function one(body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await post(`/v1/channels/${channel.id}/webhooks`, body, headers);
  return { ...((await response.json()) as Omit<Answer, "status">), status: response.status };
}

async function line(text: string): Promise<Answer> {
  const response = await post("/v1/webhooks", text, { "content-type": "application/x-ndjson" });
  return JSON.parse(await response.text());
}

async function bodyOf(webhookId: string | undefined): Promise<string> {
  const { rows } = await database.pool.query("select body from webhook_queue where id = $1", [
    webhookId,
  ]);
  return rows[0]?.body;
}

const ours =
  '"webhookEventId":"01JD8P7QZ0ABCDEFGHJKMNPQRS","deliveryContext":{"isRedelivery":false},"timestamp":0,"mode":"active"';

test.each([
  ["an integer beyond 2^53", '{"type":"x","n":12345678901234567890,OURS}'],
  ["a number beyond what a double holds", '{"type":"x","n":1e400,OURS}'],
  ["signs, zeros and exponents", '{"type":"x","n":[-0,0.0,1.50,1E+2,1e-7,-0.0e0],OURS}'],
  ["equal keys, and keys that look like indexes", '{"b":1,"type":"x","2":0,"b":2,"1":0,OURS}'],
  [
    "escapes",
    String.raw`{"\u0074ype":"\u0041\/","s":"\ud83e\udd28 \ud800 \u0000 \b\"\\ \u00e9",OURS}`,
  ],
  ["blanks between tokens", '{ "type" :\t"x" ,\r\n "a":[ 1 , { } ] ,OURS\n}'],
  ["characters that some count as line ends", '{"type":"x","s":"\u2028\u2029\u0085\ufeff🤨",OURS}'],
  ["a key that objects have of themselves", '{"type":"x","__proto__":{"a":1},OURS}'],
])("%s: an event arrives as the platform wrote it, by either way in", async (_what, template) => {
  const event = template.replace("OURS", ours);
  const whole = `{"destination":"${channel.botUserId}","events":[${event},${event}]}`;
  const posted = await one(`{ "other": 1, "events" : [ ${event} ,${event}\n] }`);
  expect(posted).toMatchObject({ status: 202 });
  expect(await bodyOf(posted.webhookId)).toBe(whole);
  const inLine = event.replaceAll("\r\n", " ").replaceAll("\n", " ");
  const lined = await line(`{"events":[${inLine},${inLine}],"channelId":"${channel.id}"}`);
  expect(lined).toMatchObject({ status: 202 });
  expect(await bodyOf(lined.webhookId)).toBe(whole.replaceAll("\r\n", " ").replaceAll("\n", " "));
});

test("of a delivery context that came along only isRedelivery is ours", async () => {
  const context = '{"a":1e400,"isRedelivery" : true ,"b":{"isRedelivery":true}}';
  const { webhookId } = await one(
    `{"events":[{"type":"x","deliveryContext":${context}},{"type":"x","deliveryContext":{"a":1}}]}`,
  );
  const body = await bodyOf(webhookId);
  expect(body).toContain(
    '"deliveryContext":{"a":1e400,"isRedelivery" : false ,"b":{"isRedelivery":true}}',
  );
  expect(body).toContain('"deliveryContext":{"isRedelivery":false,"a":1}');
});

test.each([
  ['{"type":"x","type":"x"}', "type"],
  [
    '{"type":"x","webhookEventId":"01JD8P7QZ0ABCDEFGHJKMNPQRS","webhookEventId":"01JD8P7QZ0ABCDEFGHJKMNPQRT"}',
    "webhookEventId",
  ],
  ['{"type":"x","timestamp":1,"timestamp":1}', "timestamp"],
  ['{"type":"x","mode":"active","mode":"standby"}', "mode"],
  ['{"type":"x","deliveryContext":{},"deliveryContext":{}}', "deliveryContext"],
  [String.raw`{"type":"x","deliveryContext":{},"\u0064eliveryContext":{}}`, "deliveryContext"],
  [
    '{"type":"x","deliveryContext":{"isRedelivery":true,"isRedelivery":false}}',
    "deliveryContext.isRedelivery",
  ],
])(
  "a property that we look at and that is given twice is refused by name: %s",
  async (event, name) => {
    expect(await one(`{"events":[${event}]}`)).toMatchObject({
      status: 400,
      details: [{ message: "must be given once", property: `events[0].${name}` }],
    });
  },
);

test("an envelope that names a property twice is refused", async () => {
  const events = '"events":[{"type":"x"}]';
  expect(await one(`{${events},${events}}`)).toMatchObject({
    status: 400,
    details: [{ message: "must be given once", property: "events" }],
  });
  const channelId = `"channelId":"${channel.id}"`;
  for (const [text, property] of [
    [`{${channelId},${events},${events}}`, "events"],
    [`{${channelId},${channelId},${events}}`, "channelId"],
    [`{${channelId},${events},"idempotencyKey":"a","idempotencyKey":"b"}`, "idempotencyKey"],
  ] as const) {
    expect(await line(text)).toMatchObject({
      status: 400,
      details: [{ message: "must be given once", property }],
    });
  }
});

const nested = (levels: number) => {
  // The body, `events` and the event are three levels.
  const inner = levels - 3;
  return `{"events":[{"type":"x","deep":${"[".repeat(inner)}${"]".repeat(inner)}}]}`;
};

test.each([64, 65, 4_089, 4_108, 100_000])(
  "a body of %i levels is taken and can be marked, or refused in words; never taken and then not redelivered",
  async (levels) => {
    const answer = await one(nested(levels));
    if (levels <= 64) {
      const body = await bodyOf(answer.webhookId);
      expect(markRedelivery(body)).toBe(body.replace("false", "true"));
    } else {
      expect(answer).toMatchObject({
        status: 400,
        message: expect.stringMatching(/nested too deeply: at most 64 levels/),
      });
    }
  },
);

test("a byte order mark before the body is no part of it", async () => {
  const { webhookId } = await one(`\ufeff{"events":[{"type":"x",${ours}}]}`);
  expect(await bodyOf(webhookId)).toBe(
    `{"destination":"${channel.botUserId}","events":[{"type":"x",${ours}}]}`,
  );
});

test("an Idempotency-Key stands for the events' own text", async () => {
  const headers = { "idempotency-key": "tokens" };
  const first = await one('{"events":[{"type":"x","n":1e400}]}', headers);
  expect(first.status).toBe(202);
  expect(await one('{ "events" : [ {"type":"x","n":1e400} ] }', headers)).toEqual(first);
  expect((await one('{"events":[{"type":"x","n":1e401}]}', headers)).status).toBe(409);
});

test("an Idempotency-Key with half a character is refused: it could not be known again", async () => {
  const line = `{"channelId":"${channel.id}","events":[{"type":"follow"}],"idempotencyKey":"\\ud800"}`;
  const response = await post("/v1/webhooks", line, { "content-type": "application/x-ndjson" });
  expect(JSON.parse(await response.text())).toMatchObject({ status: 400 });
});
