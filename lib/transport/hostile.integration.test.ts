import { once } from "node:events";
import { createSecureServer } from "node:http2";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import * as h2 from "#e2e/servers/http2-frames.ts";
import { type Lateness, startLateness } from "#e2e/servers/lateness.ts";
import { liveMemory } from "#e2e/servers/live-memory.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { type OnConnection, startTcpServer, startTlsServer } from "#e2e/servers/tcp-server.ts";
import type { DeliveryOutcome } from "./schema.ts";
import type { Sender } from "./sender.ts";

// Bot servers that mean harm or are broken. Whatever they do, an attempt ends in time, says what happened, and leaves
// nothing behind.

const certificates = createCertificates();
const good = certificates.issue({ names: ["localhost"] });
const timeoutToleranceMs = 150;

let sender: Sender;
let lateness: Lateness;

beforeAll(() => {
  sender = testSender({ ca: certificates.ca });
  lateness = startLateness();
});

afterAll(async () => {
  lateness.stop();
  await sender.close();
  expect(sender.stats()).toEqual({ openConnections: 0, idleConnections: 0, origins: 0 });
});

const answer =
  (...parts: readonly (string | Buffer)[]): OnConnection =>
  (socket) => {
    socket.once("data", () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
  };

/** Answers and leaves the connection open. */
const hold =
  (...parts: readonly (string | Buffer)[]): OnConnection =>
  (socket) => {
    socket.once("data", () => {
      for (const part of parts) socket.write(part);
    });
  };

const repeat =
  (head: string, piece: string | Buffer, everyMs: number): OnConnection =>
  (socket) => {
    socket.once("data", () => {
      socket.write(head);
      const timer = setInterval(() => socket.write(piece), everyMs);
      socket.on("close", () => clearInterval(timer));
    });
  };

/** Writes as fast as the connection takes it, for as long as it lasts. */
const flood =
  (head: string, piece: Buffer): OnConnection =>
  (socket) => {
    const pump = () => {
      while (socket.writable && socket.write(piece));
      socket.once("drain", pump);
    };
    socket.once("data", () => {
      socket.write(head);
      pump();
    });
  };

const http2 =
  (
    act: (socket: Socket, stream: number) => void,
    ...pairs: readonly [number, number][]
  ): OnConnection =>
  (socket) => {
    socket.write(h2.settings(...pairs));
    h2.onRequests(socket, (stream) => act(socket, stream));
  };

const crlf = "\r\n";
const ok = `HTTP/1.1 200 OK${crlf}`;
const timedOut = "request_timeout / Request timeout";
const closed = "unclassified / Session closed unexpectedly";
const unclassified = "unclassified / Unclassified webhook dispatch error";
const manyHeaders = Array.from({ length: 2_000 }, (_, index) => `x-${index}: a${crlf}`).join("");
const longHeader = `x-long: ${"a".repeat(40_000)}${crlf}`;
const bomb = gzipSync(Buffer.alloc(50_000_000));

type Case = [
  name: string,
  expected: string,
  act: OnConnection,
  /** `lateMs`: how late this process was to its timers meanwhile. */
  check?: (outcome: DeliveryOutcome, lateMs: number) => void,
];

const seen = (code: string) => (outcome: DeliveryOutcome) => expect(outcome.seen.code).toBe(code);
const noted = (note: string) => (outcome: DeliveryOutcome) => expect(outcome.note).toBe(note);

/** Turns of the event loop until whoever is in this process has read what was written into a socket before. */
function afterReading(then: () => void, turns = 5): void {
  setImmediate(() => (turns === 0 ? then() : afterReading(then, turns - 1)));
}

const plainCases: readonly Case[] = [
  ["headers that drip", timedOut, repeat(ok, "x", 100)],
  [
    "one byte at a time, complete in time",
    "delivered / 200",
    (socket) => {
      const bytes = [...`${ok}content-length: 2${crlf}${crlf}ok`];
      const writeOne = (): void => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(byte, () => setImmediate(writeOne));
      };
      socket.once("data", writeOne);
    },
  ],
  [
    "a slow flood of interim answers",
    timedOut,
    repeat("", `HTTP/1.1 103 Early Hints${crlf}${crlf}`, 20),
  ],
  [
    "a fast flood of interim answers",
    timedOut,
    flood("", Buffer.from(`HTTP/1.1 102 Processing${crlf}${crlf}`.repeat(500))),
  ],
  [
    "100 Continue, then the answer",
    "delivered / 200",
    answer(`HTTP/1.1 100 Continue${crlf}${crlf}`, `${ok}content-length: 0${crlf}${crlf}`),
  ],
  [
    "a body that never ends, slowly",
    "delivered / 200",
    repeat(`${ok}transfer-encoding: chunked${crlf}${crlf}`, `1${crlf}a${crlf}`, 50),
    (outcome, lateMs) => {
      noted("body not finished after 1000 ms")(outcome);
      expect(outcome.times.body).toBeLessThan(1_000 + timeoutToleranceMs + lateMs);
    },
  ],
  [
    "a body that never comes",
    "delivered / 200",
    hold(`${ok}content-length: 10${crlf}${crlf}`),
    noted("body not finished after 1000 ms"),
  ],
  [
    "a body that never ends, fast",
    "delivered / 200",
    flood(`${ok}${crlf}`, Buffer.alloc(65_536, "a")),
    // Its size ended it, before its time did.
    noted("body cut off at 65536 bytes"),
  ],
  [
    "an error whose body never ends, fast",
    "error_status_code / 500",
    flood(`HTTP/1.1 500 No${crlf}${crlf}`, Buffer.alloc(65_536, "a")),
    (outcome) => {
      expect(outcome.response?.body).toHaveLength(65_536);
      noted("body cut off at 65536 bytes")(outcome);
    },
  ],
  [
    "a gzip bomb",
    "error_status_code / 500",
    answer(
      `HTTP/1.1 500 No${crlf}content-encoding: gzip${crlf}content-length: ${bomb.length}${crlf}${crlf}`,
      bomb,
    ),
    (outcome) => {
      expect(outcome.response?.body.equals(bomb.subarray(0, 65_536))).toBe(true);
    },
  ],
  ["one header of 40 KB", unclassified, answer(ok, longHeader, crlf)],
  ["2,000 headers", unclassified, answer(ok, manyHeaders, crlf)],
  [
    "headers that never end, fast",
    unclassified,
    flood(ok, Buffer.from(`x: y${crlf}`.repeat(1_000))),
  ],
  [
    "a redirect",
    "error_status_code / 302",
    answer(
      `HTTP/1.1 302 Found${crlf}location: http://127.0.0.1:1/${crlf}content-length: 0${crlf}${crlf}`,
    ),
  ],
  [
    "a redirect to the metadata address",
    "error_status_code / 307",
    answer(
      `HTTP/1.1 307 Go${crlf}location: http://169.254.169.254/latest/meta-data/${crlf}content-length: 0${crlf}${crlf}`,
    ),
  ],
  [
    "a permanent redirect without a location",
    "error_status_code / 308",
    answer(`HTTP/1.1 308 Gone on${crlf}content-length: 0${crlf}${crlf}`),
  ],
  ["garbage", unclassified, answer(Buffer.from([0, 255, 1, 254, 10, 13, 10, 10]))],
  ["an answer of HTTP/0.9", unclassified, answer("<html>hello</html>")],
  ["an answer of HTTP/9.9", unclassified, answer(`HTTP/9.9 200 OK${crlf}${crlf}`)],
  ["HTTP/2 frames nobody agreed on", unclassified, answer(h2.settings())],
  ["a truncated status line", closed, answer("HTTP/1.1 20")],
  ["a status of two digits", unclassified, answer(`HTTP/1.1 20 OK${crlf}${crlf}`)],
  ["status 000", unclassified, answer(`HTTP/1.1 000 Zero${crlf}${crlf}`)],
  [
    "status 999",
    "error_status_code / 999",
    answer(`HTTP/1.1 999 What${crlf}content-length: 0${crlf}${crlf}`),
  ],
  [
    "an upgrade nobody asked for",
    "error_status_code / 101",
    answer(
      `HTTP/1.1 101 Switching Protocols${crlf}upgrade: x${crlf}connection: upgrade${crlf}${crlf}hello`,
    ),
  ],
  [
    "204 with a body",
    "delivered / 204",
    answer(`HTTP/1.1 204 No Content${crlf}content-length: 5${crlf}${crlf}hello`),
  ],
  [
    "a body longer than its length",
    "delivered / 200",
    answer(`${ok}content-length: 1${crlf}${crlf}hello`),
  ],
  [
    "a body shorter than its length",
    "delivered / 200",
    answer(`${ok}content-length: 99${crlf}${crlf}hello`),
    noted("body ended early"),
  ],
  [
    "two lengths that differ",
    unclassified,
    answer(`${ok}content-length: 1${crlf}content-length: 2${crlf}${crlf}ab`),
    seen("CONTENT_LENGTHS_DIFFER"),
  ],
  [
    "a length that is no number",
    unclassified,
    answer(`${ok}content-length: -1${crlf}${crlf}`),
    seen("CONTENT_LENGTH"),
  ],
  [
    "a length and chunks",
    "delivered / 200",
    answer(`${ok}content-length: 1${crlf}transfer-encoding: chunked${crlf}${crlf}0${crlf}${crlf}`),
  ],
  [
    "chunks that are none",
    "delivered / 200",
    answer(`${ok}transfer-encoding: chunked${crlf}${crlf}hello${crlf}`),
    noted("body not understood"),
  ],
  ["a header without a colon", "delivered / 200", answer(`${ok}hello${crlf}${crlf}`)],
  [
    "headers with control characters, in an error",
    "error_status_code / 500",
    answer(`HTTP/1.1 500 No${crlf}x: a\0b${crlf}y\0: \x1b[2J${crlf}${crlf}`),
    (outcome) => {
      expect(outcome.response?.headers).toEqual([
        ["x", "a b"],
        ["y", "\x1b[2J"],
      ]);
    },
  ],
  ["a folded header", "delivered / 200", answer(`${ok}x: a${crlf} b${crlf}${crlf}`)],
  [
    "a header over several lines, as nginx sends it",
    "delivered / 200",
    answer(`${ok}content-length: 2${crlf}x: a;\n    b;\n    c${crlf}${crlf}ok`),
  ],
  ["an indented line before the first header", "delivered / 200", answer(`${ok} x${crlf}${crlf}`)],
  ["a blank before the colon", "delivered / 200", answer(`${ok}x : a${crlf}${crlf}`)],
  ["a header whose name is no token", "delivered / 200", answer(`${ok}x y: a${crlf}${crlf}`)],
  ["a header without a name", "delivered / 200", answer(`${ok}: a${crlf}${crlf}`)],
  ["a carriage return in a header", "delivered / 200", answer(`${ok}x: a\rb${crlf}${crlf}`)],
  [
    "lines that end with two carriage returns",
    "delivered / 204",
    answer("HTTP/1.1 204 OK\r\r\nx: a\r\r\n\r\r\n"),
  ],
  [
    "an empty line before the status line",
    "delivered / 200",
    answer(`${crlf}${ok}content-length: 0${crlf}${crlf}`),
  ],
  [
    "two blanks before the status",
    "delivered / 200",
    answer(`HTTP/1.1  200 OK${crlf}content-length: 0${crlf}${crlf}`),
  ],
  [
    "a length that is told twice",
    "delivered / 200",
    answer(`${ok}content-length: 2, 2${crlf}${crlf}ok`),
  ],
  [
    "a huge length",
    "delivered / 200",
    answer(`${ok}content-length: ${"9".repeat(30)}${crlf}${crlf}ok`),
  ],
  [
    "a length that is no number beside chunks",
    "delivered / 200",
    answer(`${ok}content-length: x${crlf}transfer-encoding: chunked${crlf}${crlf}0${crlf}${crlf}`),
  ],
  ["line feeds alone", "delivered / 200", answer("HTTP/1.1 200 OK\ncontent-length: 2\n\nok")],
  ["HTTP/1.0 and a close", "delivered / 200", answer(`HTTP/1.0 200 OK${crlf}${crlf}ok`)],
  [
    "no reason phrase",
    "delivered / 200",
    answer(`HTTP/1.1 200${crlf}content-length: 0${crlf}${crlf}`),
  ],
  [
    "an answer before the request",
    "delivered / 200",
    (socket) => {
      socket.write(`${ok}content-length: 0${crlf}${crlf}`);
    },
  ],
  [
    "a reset in the middle of the headers",
    closed,
    (socket) => {
      socket.once("data", () => socket.write(ok, () => socket.resetAndDestroy()));
    },
  ],
  [
    "a reset in the middle of the body",
    "delivered / 200",
    (socket) => {
      socket.once("data", () => {
        socket.write(`${ok}content-length: 99${crlf}${crlf}hello`, () =>
          afterReading(() => socket.resetAndDestroy()),
        );
      });
    },
  ],
  [
    "a server that never reads",
    timedOut,
    (socket) => {
      socket.pause();
      setTimeout(() => socket.resume(), 2_500);
    },
  ],
];

const secureCases: readonly Case[] = [
  ["HTTP/2: no answer", timedOut, http2(() => {})],
  [
    "HTTP/2: interim answers for ever",
    timedOut,
    http2((socket, stream) => {
      // ":status: 103" as a literal without indexing, name from the static table.
      const block = Buffer.concat([Buffer.from([0x08, 0x03]), Buffer.from("103")]);
      const timer = setInterval(() => socket.write(h2.headers(stream, block, false)), 20);
      socket.on("close", () => clearInterval(timer));
    }),
  ],
  [
    "HTTP/2: a body that never ends",
    "delivered / 200",
    http2((socket, stream) => {
      socket.write(h2.headers(stream, h2.status200, false));
      const timer = setInterval(() => socket.write(h2.data(stream, Buffer.from("a"), false)), 50);
      socket.on("close", () => clearInterval(timer));
    }),
    noted("body not finished after 1000 ms"),
  ],
  [
    "HTTP/2: more body than is read",
    "delivered / 200",
    http2((socket, stream) => {
      socket.write(h2.headers(stream, h2.status200, false));
      for (let sent = 0; sent < 6; sent++)
        socket.write(h2.data(stream, Buffer.alloc(16_000), false));
    }),
  ],
  [
    "HTTP/2: the connection is reset in the body",
    "delivered / 200",
    http2((socket, stream) => {
      socket.write(h2.headers(stream, h2.status200, false), () =>
        afterReading(() => socket.destroy()),
      );
    }),
    noted("body ended early"),
  ],
  [
    // nghttp2 stops reading at such a frame, and nothing tells but the answer that is missing.
    "HTTP/2: frames turn into garbage",
    timedOut,
    http2((socket) => {
      socket.write(Buffer.alloc(200, 0xff));
    }),
  ],
  [
    "HTTP/2: a flood of SETTINGS",
    timedOut,
    http2((socket) => {
      const timer = setInterval(() => socket.write(h2.settings([4, 65_535])), 5);
      socket.on("close", () => clearInterval(timer));
    }),
  ],
  ["HTTP/2: no stream allowed", timedOut, http2(() => {}, [3, 0])],
];

async function run(
  act: OnConnection,
  secure: boolean,
  expected: string,
  check: Case[3],
): Promise<void> {
  const server = secure
    ? await startTlsServer({ ...good, ALPNProtocols: ["h2"] }, act)
    : await startTcpServer(act);
  try {
    const url = `${secure ? "https" : "http"}://localhost:${server.port}/webhook`;
    const before = lateness.sumMs();
    const outcome = await sender.send(testRequest(url));
    const lateMs = lateness.sumMs() - before;
    expect(verdictOf(outcome)).toBe(expected);
    check?.(outcome, lateMs);
    if (expected === timedOut) expectTimeout(outcome, lateMs);
    // Nobody is asked a second time, and nothing that misbehaved stays open.
    expect(server.accepted).toBe(1);
    if (outcome.state === "error" && !secure)
      await eventually("connection ended", () => server.open === 0);
  } finally {
    await server.close();
  }
}

function expectTimeout({ times }: DeliveryOutcome, lateMs: number): void {
  expect(times.headers).toBeGreaterThan(2_000 - 5);
  expect(times.headers).toBeLessThan(2_000 + timeoutToleranceMs + lateMs);
}

describe.concurrent("a hostile bot server over HTTP/1.1", () => {
  test.each(plainCases)("%s → %s", (_name, expected, act, check) =>
    run(act, false, expected, check),
  );
});

describe.concurrent("a hostile bot server over HTTP/2", () => {
  test.each(secureCases)("%s → %s", (_name, expected, act, check) =>
    run(act, true, expected, check),
  );
});

test("an HTTP/2 answer with 2,000 headers or 40 KB of them is unclassified", async () => {
  const server = createSecureServer(good, (request, response) => {
    const { url } = request;
    const count = url === "/many" ? 2_000 : 1;
    for (let index = 0; index < count; index++) {
      response.setHeader(`x-${index}`, url === "/many" ? "a" : "a".repeat(40_000));
    }
    response.end("ok");
  });
  server.on("sessionError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  try {
    for (const path of ["/many", "/long"]) {
      const outcome = await sender.send(testRequest(`https://localhost:${port}${path}`));
      expect(verdictOf(outcome)).toMatch(/^unclassified/);
    }
  } finally {
    server.close();
  }
});

test("memory stays flat over thousands of endless answers", async () => {
  const server = await startTcpServer(
    flood(`HTTP/1.1 500 No${crlf}${crlf}`, Buffer.alloc(65_536, "a")),
  );
  const attack = async (total: number) => {
    for (let sent = 0; sent < total; sent += 20) {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () =>
          sender.send(testRequest(`http://localhost:${server.port}/`)),
        ),
      );
      for (const outcome of outcomes) expect(verdictOf(outcome)).toBe("error_status_code / 500");
    }
  };
  try {
    await attack(200);
    await eventually("connections ended", () => server.open === 0);
    const before = liveMemory();
    await attack(1_000);
    await eventually("connections ended", () => server.open === 0);
    // 1,000 answers of at least 64 KiB would be 64 MB, were they kept.
    expect(liveMemory() - before).toBeLessThan(25e6);
    expect(sender.stats().openConnections).toBeLessThan(60);
  } finally {
    await server.close();
  }
});
