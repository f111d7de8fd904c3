import { once } from "node:events";
import { request as nodeRequest } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lateness, startLateness } from "#e2e/servers/lateness.ts";
import { testRequest, testSender } from "#e2e/servers/sending.ts";
import { errorDetails } from "./error-class.ts";
import { parseHead } from "./http1-head.ts";
import type { DeliveryOutcome } from "./schema.ts";
import type { Sender } from "./sender.ts";

// Thousands of random answers. Whatever comes: no crash, always an outcome, never one that says more than what came.

let sender: Sender;
let lateness: Lateness;
let port: number;
const answers = new Map<string, readonly Buffer[]>();
const server = createServer((socket) => {
  socket.on("error", () => {});
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    const [, key] = /^POST \/(\d+) /.exec(received) ?? [];
    const pieces = key === undefined ? undefined : answers.get(key);
    if (key === undefined || pieces === undefined) return;
    answers.delete(key);
    void write(socket, pieces);
  });
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  sender = testSender();
  lateness = startLateness();
});

afterAll(async () => {
  lateness.stop();
  await sender.close();
  server.close();
});

async function write(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (!socket.writable) return;
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The end of each answer, so that an incomplete one does not cost its 2 s.
  socket.end();
}

let next = 0;
/** `alone`: over a connection of its own, which no earlier answer has left in an unknown state. */
async function deliver(pieces: readonly Buffer[], alone = false): Promise<DeliveryOutcome> {
  const key = String(next++);
  answers.set(key, pieces);
  const host = alone ? `bot-${key}.localhost` : "localhost";
  return sender.send(testRequest(`http://${host}:${port}/${key}`));
}

const crlf = fc.oneof(
  { weight: 40, arbitrary: fc.constant("\r\n") },
  fc.constantFrom("\n", "\r", "", "\r\n\r\n"),
);
const token = fc.stringMatching(/^[!-~]{0,12}$/);
const field = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        "content-length",
        "Content-Length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "retry-after",
        "upgrade",
        "content-encoding",
      ),
      token,
    ),
    fc.oneof({ weight: 20, arbitrary: fc.constant(": ") }, fc.constantFrom(":", " :", "")),
    fc.oneof(
      fc.constantFrom(
        "0",
        "5",
        "-1",
        "99999999999999999999",
        "chunked",
        "gzip, chunked",
        "close",
        "keep-alive",
        "timeout=0",
      ),
      token,
      fc.string({ unit: "binary", maxLength: 20 }),
    ),
  )
  .map((parts) => parts.join(""));
const statusLine = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: fc.constant("HTTP/1.1") },
      fc.constantFrom("HTTP/1.0", "HTTP/2", "http/1.1", ""),
    ),
    fc.oneof({ weight: 20, arbitrary: fc.constant(" ") }, fc.constantFrom("  ", "")),
    fc.oneof(
      fc.integer({ min: 100, max: 999 }).map(String),
      { weight: 3, arbitrary: fc.integer({ min: 200, max: 206 }).map(String) },
      fc.constantFrom("200", "204", "304", "100", "101", "20", "0200", "+20"),
    ),
    fc.constantFrom(" OK", "", " ", " \0"),
  )
  .map((parts) => parts.join(""));
const bodyText = fc.oneof(
  fc.constantFrom(
    "",
    "hello",
    "5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhel",
    "ffffffffff\r\n",
    "0\r\nx: y\r\n\r\n",
    "5;x=y\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const httpish = fc
  .tuple(statusLine, crlf, fc.array(fc.tuple(field, crlf), { maxLength: 6 }), crlf, bodyText)
  .map(([status, end, fields, last, text]) =>
    Buffer.from(
      status + end + fields.map((pair) => pair.join("")).join("") + last + text,
      "latin1",
    ),
  );
const anyBytes = fc.oneof(
  { weight: 4, arbitrary: httpish },
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);
/** An answer cut into pieces at random places. */
const anyAnswer = fc
  .tuple(anyBytes, fc.array(fc.nat(200), { maxLength: 4 }))
  .map(([bytes, cuts]) => {
    const places = [
      ...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]),
    ];
    places.sort((a, b) => a - b);
    return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
  });

function isSound(outcome: DeliveryOutcome): boolean {
  if (outcome.state === "delivered") return outcome.statusCode >= 200 && outcome.statusCode <= 299;
  const { error, response } = outcome;
  if (error.reason === "error_status_code") {
    const isOther = error.statusCode < 200 || error.statusCode > 299;
    return isOther && response !== null && error.detail === String(error.statusCode);
  }
  const known: readonly string[] = errorDetails[error.reason];
  return known.includes(error.detail) && response === null && error.statusCode === null;
}

test("thousands of random answers each have a sound outcome, in time", async () => {
  const seen = { delivered: 0, error: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(anyAnswer, { minLength: 20, maxLength: 20 }), async (batch) => {
      const before = lateness.sumMs();
      const outcomes = await Promise.all(batch.map((pieces) => deliver(pieces)));
      const lateMs = lateness.sumMs() - before;
      for (const outcome of outcomes) {
        seen[outcome.state]++;
        expect(isSound(outcome), JSON.stringify(outcome)).toBe(true);
        expect(outcome.times.total).toBeLessThan(6_000 + lateMs);
      }
    }),
    { numRuns: 250, endOnFailure: true },
  );
  expect(seen.delivered + seen.error).toBe(5_000);
  // The answers are not all nonsense.
  expect(seen.delivered).toBeGreaterThan(100);
});

test("how an answer is cut into pieces makes no difference", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, fc.nat(100), async (bytes, at) => {
      const summary = ({ state, ...rest }: DeliveryOutcome) =>
        "error" in rest ? JSON.stringify([state, rest.error, rest.response]) : state;
      const whole = await deliver([bytes], true);
      const cut = await deliver([bytes.subarray(0, at), bytes.subarray(at)], true);
      expect(summary(cut)).toBe(summary(whole));
    }),
    { numRuns: 400 },
  );
});

test("what Node's own strict parser accepts, we read the same", async () => {
  await fc.assert(
    fc.asyncProperty(httpish, async (bytes) => {
      const theirs = await viaNode(bytes);
      if (theirs === null) return;
      const ours = await deliver([bytes], true);
      const status = ours.state === "delivered" ? ours.statusCode : ours.error.statusCode;
      expect(status, JSON.stringify(bytes.toString("latin1"))).toBe(theirs);
    }),
    { numRuns: 400 },
  );
});

/** The status as Node's HTTP client reads it; null where it refuses the answer. */
function viaNode(bytes: Buffer): Promise<number | null> {
  const key = String(next++);
  answers.set(key, [bytes]);
  return new Promise((resolve) => {
    const outgoing = nodeRequest({
      host: "127.0.0.1",
      port,
      path: `/${key}`,
      method: "POST",
      agent: false,
    });
    outgoing.on("response", (answer) => {
      answer.on("error", () => {}).resume();
      resolve(answer.statusCode ?? null);
    });
    outgoing.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? null);
    });
    outgoing.on("error", () => resolve(null));
    outgoing.on("close", () => resolve(null));
    outgoing.end();
  });
}

test("the head parser takes any bytes", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const result = parseHead(bytes);
      if (result.kind === "head") expect(result.bytes).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 10_000 },
  );
});

test("one line of nonsense among the headers never changes what was answered", () => {
  // Whatever names framing may matter, and an empty line ends the head.
  const noise = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll("\n", ""))
    .filter((text) => /[^\r]/.test(text) && !/content|transfer|connection/i.test(text));
  fc.assert(
    fc.property(noise, fc.constantFrom("\r\n", "\n"), (line, end) => {
      const head = `HTTP/1.1 200 OK\r\nx: y\r\n${line}${end}content-length: 2\r\n\r\n`;
      const bytes = Buffer.from(`${head}ok`, "latin1");
      const result = parseHead(bytes);
      expect(result).toMatchObject({ kind: "head", bytes: bytes.length - 2 });
      expect(result).toMatchObject({ head: { statusCode: 200, framing: { bytes: 2 } } });
    }),
    { numRuns: 10_000 },
  );
});
