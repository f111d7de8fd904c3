import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { validateSignature } from "@line/bot-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { type DnsServer, startDnsServer } from "#e2e/servers/dns-server.ts";
import { testSender } from "#e2e/servers/sending.ts";
import { startTcpServer, startTlsServer } from "#e2e/servers/tcp-server.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import type { Sender } from "#lib/transport/sender.ts";
import {
  createChannel,
  testEncryptionKey as encryptionKey,
  testActor,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { issueSecretWithOverlap, revealSecrets } from "./issue-secret.ts";
import { readVerify } from "./read-verify.ts";
import type { VerifyLine } from "./schema.ts";
import { streamVerify } from "./stream-verify.ts";
import { prepareVerify, verifyLimit } from "./verify-webhook.ts";

const certificates = createCertificates();
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

let database: Database & { url: string };
let dns: DnsServer;
let sender: Sender;
beforeAll(async () => {
  database = await createTestDatabase();
  dns = await startDnsServer();
  // 127.0.0.2 stands for an address nobody may be led to.
  sender = testSender({ ca: certificates.ca, dns: dns.address, allowTargets: ["127.0.0.1/32"] });
  dns.set("bot.test", ["127.0.0.1"]);
  dns.set("inside.test", ["127.0.0.2"]);
});
afterAll(async () => {
  await sender.close();
  await dns.close();
  await database.close();
});

const on = (webhookUrl: string) => ({
  webhookUrl,
  useWebhook: true,
  webhookRedelivery: true,
  errorStatisticsAggregation: true,
});
const channelAt = (url: string) => createChannel(database.db, on(url));
const prepare = (channel: Parameters<typeof prepareVerify>[1], db = database.db) =>
  prepareVerify({ db, actor: testActor, encryptionKey, sender, timeZone: "Asia/Tokyo" }, channel);

type Streamed = { lines: AsyncGenerator<VerifyLine>; leave: AbortController };
async function stream(channel: Parameters<typeof prepareVerify>[1]): Promise<Streamed> {
  const leave = new AbortController();
  const body = streamVerify(await prepare(channel), {
    signal: leave.signal,
    describeDefect: () => "defect",
  });
  return { lines: readVerify(body), leave };
}
async function allOf({ lines }: Streamed): Promise<VerifyLine[]> {
  const all: VerifyLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
const stepOf = (line: VerifyLine | undefined) => (line?.kind === "step" ? line.step.step : null);

test("each step is there as soon as it is over, before the bot server has answered", async () => {
  const asked = later<Socket>();
  const server = await startTlsServer(certificates.issue({ names: ["bot.test"] }), (socket) => {
    socket.on("data", () => asked.resolve(socket));
  });
  const { lines } = await stream(await channelAt(`https://bot.test:${server.port}/`));
  const next = async () => (await lines.next()).value as VerifyLine | undefined;
  for (const step of ["address", "dns", "tcp", "tls"]) expect(stepOf(await next())).toBe(step);
  (await asked.promise).write(ok);
  expect(await next()).toMatchObject({ kind: "step", step: { step: "http", statusCode: 200 } });
  const end = await next();
  expect(end).toMatchObject({
    kind: "end",
    checked: { outcome: { state: "success", statusCode: 200 }, steps: { length: 5 } },
  });
  expect((await lines.next()).done).toBe(true);
  await server.close();
});

test("who leaves ends it: a request not yet written is never sent", async () => {
  let handshakes = 0;
  const held = later<Socket>();
  const requests: string[] = [];
  // The handshake is held back until the person has left.
  const secure = await startTlsServer(certificates.issue({ names: ["bot.test"] }), (socket) => {
    handshakes += 1;
    socket.on("data", (bytes) => requests.push(String(bytes)));
  });
  const front = await startTcpServer((socket) => {
    socket.pause();
    held.resolve(socket);
  });
  const { lines, leave } = await stream(await channelAt(`https://bot.test:${front.port}/`));
  for (const step of ["address", "dns", "tcp"]) {
    expect(stepOf((await lines.next()).value as VerifyLine)).toBe(step);
  }
  const socket = await held.promise;
  leave.abort();
  expect((await lines.next()).done).toBe(true);
  const behind = connect(secure.port, "127.0.0.1");
  socket.pipe(behind).pipe(socket);
  await once(socket, "close");
  expect([handshakes, requests]).toEqual([1, []]);
  await Promise.all([front.close(), secure.close()]);
});

test("nothing of a check is counted, only who asked is kept: no attempt, error, row, window or mail appears, and none is redelivered", async () => {
  const { rows: tables } = await database.pool.query<{ name: string }>(
    `select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname not in ('rate_limits', 'audit_entries')`,
  );
  const contents = async () => {
    const sizes: Record<string, string> = {};
    for (const { name } of tables) {
      const { rows } = await database.pool.query(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as all from "${name}" t`,
      );
      sizes[name] = rows[0].all;
    }
    return sizes;
  };
  const server = await startTcpServer((socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n"));
  });
  const failing = await channelAt(`http://bot.test:${server.port}/`);
  const refusing = await channelAt("http://bot.test:1/");
  const before = await contents();
  for (const channel of [failing, refusing]) {
    const lines = await allOf(await stream(channel));
    expect(lines.at(-1)).toMatchObject({ kind: "end", checked: { outcome: { state: "failed" } } });
  }
  expect(await contents()).toEqual(before);
  await server.close();
});

test("60 checks an hour and channel are allowed over all processes; then a refusal says when to try again", async () => {
  const processes = [database, openDatabase(database.url), openDatabase(database.url)];
  const channel = await channelAt("https://bot.test/");
  const other = await channelAt("https://bot.test/");
  const settled = await Promise.allSettled(
    Array.from({ length: 75 }, (_, index) => {
      const { db } = processes[index % processes.length] ?? database;
      return prepare(channel, db);
    }),
  );
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(verifyLimit.max);
  const refused = settled.find((one) => one.status === "rejected");
  expect(refused?.reason).toMatchObject({
    code: "rate_limited",
    key: "verify_limited",
    values: {
      count: 60,
      seconds: expect.any(Number),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\+9$/),
    },
  });
  await expect(prepare(other)).resolves.toBeTypeOf("function");
  // The hour passes.
  await database.pool.query(
    "update rate_limits set ends_at = now() - interval '1 second' where tries > 1",
  );
  await expect(prepare(channel)).resolves.toBeTypeOf("function");
  await Promise.all(processes.slice(1).map((one) => one.close()));
});

test("without a Webhook URL nothing is tried and no check is used up", async () => {
  const channel = await createChannel(database.db);
  for (let tries = 0; tries <= verifyLimit.max; tries += 1) {
    await expect(prepare(channel)).rejects.toMatchObject({ key: "no_webhook_url" });
  }
});

test("a blocked address looks like a refused connection in everything the person is sent", async () => {
  const blocked = await allOf(await stream(await channelAt("https://inside.test:1/")));
  const refused = await allOf(await stream(await channelAt("https://bot.test:1/")));
  const sent = (lines: VerifyLine[]) =>
    JSON.stringify(lines)
      .replaceAll("inside.test", "bot.test")
      .replaceAll(/"step":"dns"|"ms":[\d.]+|"totalMs":[\d.]+/g, "…");
  expect(sent(blocked)).toBe(sent(refused));
  expect(JSON.stringify(blocked)).not.toMatch(/127\.0\.0\.2|loopback|private/);
});

test("while two secrets overlap a check is signed with both, as a delivery is", async () => {
  let request = "";
  const server = await startTcpServer((socket) => {
    socket.on("data", (bytes) => {
      request += bytes;
      socket.write(ok);
    });
  });
  const channel = await channelAt(`http://bot.test:${server.port}/`);
  await issueSecretWithOverlap(database.db, encryptionKey, testActor, channel.id);
  const { current, next } = await revealSecrets(database.db, encryptionKey, channel.id);
  await allOf(await stream(channel));
  const [head = "", body = ""] = request.split("\r\n\r\n");
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(head)?.[1] ?? "";
  expect(validateSignature(body, current, header("x-line-signature"))).toBe(true);
  expect(validateSignature(body, next?.secret ?? "", header("x-line-signature-next"))).toBe(true);
  await server.close();
});
