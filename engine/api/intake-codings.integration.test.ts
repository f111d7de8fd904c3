import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { intakeBodyBytesMax } from "#lib/queue/schema.ts";
import { hashToken } from "#lib/tokens/token-hash.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database;
let app: FastifyInstance;
let port: number;
let channelId: string;
const key = `tpk_${randomBytes(32).toString("base64url")}`;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createTestApi(database);
  port = Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
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

type Answer = { status: number; acceptEncoding: string | undefined; text: string };

/** Over a socket of its own, chunked unless a content length is among the headers. */
function send(path: string, body: Uint8Array, headers: Record<string, string | string[]>) {
  return new Promise<Answer>((resolve, reject) => {
    const asked = request(
      { port, host: "127.0.0.1", path, method: "POST", agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            acceptEncoding: response.headers["accept-encoding"],
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    asked.on("error", reject);
    for (const [name, value] of Object.entries({
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...headers,
    })) {
      asked.setHeader(name, value);
    }
    asked.end(body);
  });
}

const one = (body: Uint8Array, coding: string | string[]) =>
  send(`/v1/channels/${channelId}/webhooks`, body, { "content-encoding": coding });
const many = (body: Uint8Array, coding: string) =>
  send("/v1/webhooks", body, {
    "content-encoding": coding,
    "content-type": "application/x-ndjson",
  });
const queued = async () =>
  Number((await database.pool.query("select count(*) from webhook_queue")).rows[0].count);

const text = Buffer.from('{"events":[{"type":"follow","n":12345678901234567890}]}');
const gzip = gzipSync(text);

test.each<[string, string | string[], Uint8Array]>([
  ["gzip", "gzip", gzip],
  ["gzip by its old name, in capitals", "X-GZIP", gzip],
  [
    "gzip in several members",
    "gzip",
    Buffer.concat([gzipSync(text.subarray(0, 9)), gzipSync(text.subarray(9))]),
  ],
  ["br", "br", brotliCompressSync(text)],
  ["deflate", "deflate", deflateSync(text)],
  ["identity", "identity", text],
  ["an empty list", " , ", text],
  ["identity beside gzip", ["identity", "gzip"], gzip],
])("a body that was coded is taken like one that was not: %s", async (_what, coding, body) => {
  expect(await one(body, coding)).toMatchObject({ status: 202 });
  const { rows } = await database.pool.query(
    "select body from webhook_queue order by id desc limit 1",
  );
  expect(rows[0].body).toContain('"n":12345678901234567890');
});

test("lines come coded as well, each with its own answer", async () => {
  const line = `{"channelId":"${channelId}","events":[{"type":"follow"}]}`;
  const { status, text: answers } = await many(gzipSync(`${line}\n{\n${line}\n`), "gzip");
  expect(status).toBe(200);
  const statuses = answers
    .trim()
    .split("\n")
    .map((answer) => JSON.parse(answer).status);
  expect(statuses).toEqual([202, 400, 202]);
});

const bomb = Buffer.alloc(64 * 1024 * 1024, " ");

test.each([
  ["gzip", gzipSync(bomb)],
  ["br", brotliCompressSync(bomb)],
  ["deflate", deflateSync(bomb)],
])("the limit holds for what a body becomes: %s", async (coding, body) => {
  expect(body.length).toBeLessThan(intakeBodyBytesMax);
  const answer = await one(body, coding);
  expect([answer.status, JSON.parse(answer.text).message]).toEqual([
    413,
    "The request body must be at most 262144 bytes, decoded",
  ]);
  expect(JSON.parse((await many(body, coding)).text).message).toBe(
    "The request body must be at most 16777216 bytes, decoded",
  );
});

test("a body of exactly the limit is taken, one more byte is not", async () => {
  const padded = (length: number) => gzipSync(text.toString().padEnd(length, " "));
  expect((await one(padded(intakeBodyBytesMax), "gzip")).status).toBe(202);
  expect((await one(padded(intakeBodyBytesMax + 1), "gzip")).status).toBe(413);
});

test.each<[string, string, Uint8Array]>([
  ["no gzip at all", "gzip", text],
  ["nothing", "gzip", new Uint8Array(0)],
  ["cut off", "gzip", gzip.subarray(0, -3)],
  ["a wrong checksum", "gzip", Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8)])],
  ["more behind it", "gzip", Buffer.concat([gzip, text])],
  ["zeros behind it", "gzip", Buffer.concat([gzip, Buffer.alloc(9)])],
  ["cut off", "br", brotliCompressSync(text).subarray(0, -3)],
  ["more behind it", "br", Buffer.concat([brotliCompressSync(text), text])],
  ["cut off", "deflate", deflateSync(text).subarray(0, -3)],
  ["more behind it", "deflate", Buffer.concat([deflateSync(text), text])],
  ["without its frame", "deflate", deflateRawSync(text)],
])(
  "what does not decode is refused in words, and nothing is stored: %s (%s)",
  async (_what, coding, body) => {
    const before = await queued();
    const answer = await one(body, coding);
    expect([answer.status, JSON.parse(answer.text).message]).toEqual([
      400,
      `The request body cannot be decoded: its Content-Encoding is ${coding}, but its bytes are damaged, cut off or in another format`,
    ]);
    expect(await queued()).toBe(before);
  },
);

test.each(["zstd", "compress", "gzip, br", "gzip,gzip", "gzip;q=1", "constructor"])(
  "a coding that is not taken is refused with those that are: %s",
  async (coding) => {
    const answer = await one(gzip, coding);
    expect([answer.status, answer.acceptEncoding]).toEqual([415, "gzip, br, deflate"]);
    expect(JSON.parse(answer.text).message).toBe(
      `Content-Encoding must be one of gzip, br, deflate, or be left out (got "${coding}")`,
    );
  },
);

test("where bodies are small none is taken coded, and the answer says so", async () => {
  const answer = await send("/v1/providers", gzipSync('{"name":"A"}'), {
    "content-encoding": "gzip",
  });
  expect([answer.status, answer.acceptEncoding]).toEqual([415, "identity"]);
  expect(JSON.parse(answer.text).message).toBe(
    'Content-Encoding must be left out here (got "gzip")',
  );
  expect(
    (await send("/v1/providers", Buffer.from('{"name":"A"}'), { "content-encoding": "identity" }))
      .status,
  ).toBe(201);
});

test("nothing is decoded for a stranger", async () => {
  const headers = { authorization: "Bearer wrong", "content-encoding": "gzip" };
  expect((await send(`/v1/channels/${channelId}/webhooks`, text, headers)).status).toBe(401);
  expect((await send("/v1/webhooks", text, headers)).status).toBe(401);
});
