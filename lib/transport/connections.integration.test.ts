import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import * as h2 from "#e2e/servers/http2-frames.ts";
import { liveMemory } from "#e2e/servers/live-memory.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { startTcpServer, startTlsServer } from "#e2e/servers/tcp-server.ts";
import type { Sender } from "./sender.ts";

// How connections are kept, shared, replaced and given up.

const certificates = createCertificates();
const good = certificates.issue({ names: ["localhost", "*.localhost"] });
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const request = (port: number, scheme = "http") =>
  testRequest(`${scheme}://localhost:${port}/webhook`);

let sender: Sender;
beforeAll(() => {
  sender = testSender({ ca: certificates.ca });
});
afterAll(() => sender.close());

const portOf = (server: { address(): AddressInfo | string | null }): number => {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
};

describe("HTTP/1.1", () => {
  test("requests one after another share a connection", async () => {
    const server = await startTcpServer((socket) => socket.on("data", () => socket.write(ok)));
    for (let sent = 0; sent < 10; sent++) {
      expect(verdictOf(await sender.send(request(server.port)))).toBe("delivered / 200");
    }
    expect(server.accepted).toBe(1);
    await server.close();
  });

  test("requests at the same time each have their own connection", async () => {
    let waiting: (() => void)[] = [];
    const server = await startTcpServer((socket) => {
      socket.on("data", () => {
        waiting.push(() => socket.write(ok));
        if (waiting.length === 5) for (const go of waiting.splice(0)) go();
      });
    });
    await Promise.all(Array.from({ length: 5 }, () => sender.send(request(server.port))));
    expect(server.accepted).toBe(5);
    waiting = [];
    await server.close();
  });

  test("a connection the server closed while it was unused is replaced silently", async () => {
    const server = await startTcpServer((socket) => {
      socket.once("data", () => socket.write(ok, () => socket.end()));
    });
    for (let sent = 0; sent < 5; sent++) {
      const outcome = await sender.send(request(server.port));
      expect(verdictOf(outcome)).toBe("delivered / 200");
      await eventually("server closed", () => server.open === 0);
    }
    await server.close();
  });

  test("a server that closes after each answer without saying so loses no request", async () => {
    const server = await startTcpServer((socket) => {
      socket.once("data", () => socket.write(ok, () => setImmediate(() => socket.end())));
    });
    let errors = 0;
    for (let sent = 0; sent < 200; sent++) {
      if ((await sender.send(request(server.port))).state === "error") errors++;
    }
    // The very first close may cross the second request; from then on it is known.
    expect(errors).toBeLessThanOrEqual(1);
    await server.close();
  });

  test("a close that waits in the kernel while the event loop stands still is seen before writing", async () => {
    // The server closes once the event loop here stands still, which goes on when the close is on its way.
    const steps = new Int32Array(new SharedArrayBuffer(8));
    const [still, closed] = [0, 1];
    const worker = new Worker(
      `const { parentPort, workerData: steps } = require("node:worker_threads");
       const server = require("node:net").createServer((socket) => {
         socket.on("error", () => {});
         socket.once("data", () => {
           socket.write("HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok", () => {
             Atomics.wait(steps, ${still}, 0);
             Atomics.store(steps, ${still}, 0);
             socket.end(() => {
               Atomics.store(steps, ${closed}, 1);
               Atomics.notify(steps, ${closed});
             });
           });
         });
       }).listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`,
      { eval: true, workerData: steps },
    );
    const [port] = await once(worker, "message");
    for (let sent = 0; sent < 5; sent++) {
      expect(verdictOf(await sender.send(request(Number(port))))).toBe("delivered / 200");
      Atomics.store(steps, still, 1);
      Atomics.notify(steps, still);
      Atomics.wait(steps, closed, 0);
      Atomics.store(steps, closed, 0);
    }
    await worker.terminate();
  });

  test("a connection is given up before the server's Keep-Alive timeout ends it", async () => {
    const own = testSender();
    const server = await startTcpServer((socket) => {
      socket.on("data", () =>
        socket.write(ok.replace("\r\n\r\n", "\r\nkeep-alive: timeout=1\r\n\r\n")),
      );
    });
    // A second less than the server's one: at once, and so before any other request could be written into it.
    await own.send(request(server.port));
    expect(own.stats().openConnections).toBe(0);
    await eventually("connection ended", () => server.open === 0);
    await own.close();
    await server.close();
  });

  test("bytes nobody asked for end the connection", async () => {
    const server = await startTcpServer((socket) => {
      socket.on("data", () => {
        socket.write(ok);
        setTimeout(() => socket.write(`${ok}${ok}`), 30);
      });
    });
    await sender.send(request(server.port));
    await eventually("connection ended", () => server.open === 0);
    await server.close();
  });

  test("a webhook of 256 KiB arrives whole", async () => {
    const server = createHttpServer(async (incoming, response) => {
      let bytes = 0;
      for await (const chunk of incoming) bytes += chunk.length;
      response.statusCode = bytes === 262_144 ? 200 : 400;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const body = Buffer.alloc(262_144, "a");
    const outcome = await sender.send(testRequest(`http://localhost:${portOf(server)}/`, { body }));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    server.close();
  });

  test("an error's headers, body and Retry-After are kept", async () => {
    const server = await startTcpServer((socket) => {
      socket.once("data", () =>
        socket.end("HTTP/1.1 503 No\r\nRetry-After: 120\r\nX-Twice: a\r\nX-Twice: b\r\n\r\nlater"),
      );
    });
    const outcome = await sender.send(request(server.port));
    expect(outcome).toMatchObject({
      state: "error",
      error: { reason: "error_status_code", detail: "503", statusCode: 503 },
      retryAfterMs: 120_000,
      protocol: "http/1.1",
      remoteAddress: "127.0.0.1",
      response: {
        headers: [
          ["Retry-After", "120"],
          ["X-Twice", "a"],
          ["X-Twice", "b"],
        ],
        body: Buffer.from("later"),
      },
    });
    await server.close();
  });

  test("the phases of a new connection are timed, a reused one has none", async () => {
    const server = await startTlsServer(good, (socket) =>
      socket.on("data", () => socket.write(ok)),
    );
    const first = await sender.send(request(server.port, "https"));
    const second = await sender.send(request(server.port, "https"));
    expect(Object.keys(first.times).sort()).toEqual([
      "body",
      "dns",
      "headers",
      "tcp",
      "tls",
      "total",
    ]);
    expect(Object.keys(second.times).sort()).toEqual(["body", "headers", "total"]);
    await server.close();
  });

  test("aborting stops waiting at once", async () => {
    const server = await startTcpServer(() => {});
    const abort = new AbortController();
    const sending = sender.send(request(server.port), { signal: abort.signal });
    await eventually("accepted", () => server.accepted === 1);
    abort.abort(new Error("shutting down"));
    await expect(sending).rejects.toThrow("shutting down");
    await expect(sender.send(request(server.port), { signal: abort.signal })).rejects.toThrow();
    await server.close();
  });

  test("unused connections are given up after about 4 s", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
    try {
      const own = testSender();
      const server = await startTcpServer((socket) => socket.on("data", () => socket.write(ok)));
      await own.send(request(server.port));
      vi.advanceTimersByTime(3_900);
      expect(own.stats().openConnections).toBe(1);
      vi.advanceTimersByTime(1_000);
      expect(own.stats().openConnections).toBe(0);
      await eventually("connection ended", () => server.open === 0);
      await own.close();
      await server.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test("a connection that is never unused for long is given up after ten minutes all the same", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
    try {
      const own = testSender();
      const server = await startTcpServer((socket) => socket.on("data", () => socket.write(ok)));
      const sendEverySecond = async (seconds: number) => {
        for (let second = 0; second < seconds; second += 1) {
          expect((await own.send(request(server.port))).state).toBe("delivered");
          vi.advanceTimersByTime(1_000);
        }
      };
      await sendEverySecond(600);
      expect(server.accepted).toBe(1);
      await sendEverySecond(2);
      expect(server.accepted).toBe(2);
      await eventually("the first ended", () => server.open === 1);
      await own.close();
      await server.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test("thousands of origins leave no more than the bounded number of connections", async () => {
    const server = await startTcpServer((socket) => socket.on("data", () => socket.write(ok)));
    const call = async (from: number, to: number) => {
      for (let next = from; next < to; next += 50) {
        await Promise.all(
          Array.from({ length: 50 }, (_, lane) =>
            sender.send(testRequest(`http://bot-${next + lane}.localhost:${server.port}/webhook`)),
          ),
        );
      }
    };
    await call(0, 3_000);
    const before = liveMemory();
    await call(3_000, 7_000);
    expect(liveMemory() - before).toBeLessThan(5e6);
    expect(sender.stats().origins).toBeLessThanOrEqual(2_048 + 20);
    await server.close();
    await eventually("all ended", () => sender.stats().origins < 20);
  });
});

describe("HTTP/2", () => {
  const startHttp2 = async (settings: { maxConcurrentStreams?: number } = {}) => {
    let sessions = 0;
    const server = createSecureServer({ ...good, settings }, (_incoming, response) => {
      setTimeout(() => response.end("ok"), 5);
    });
    server.on("session", () => sessions++);
    server.on("sessionError", () => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { port: portOf(server), sessions: () => sessions, close: () => server.close() };
  };

  test("requests at the same time share one connection once HTTP/2 is known", async () => {
    const server = await startHttp2();
    await sender.send(request(server.port, "https"));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => sender.send(request(server.port, "https"))),
    );
    expect(new Set(outcomes.map(verdictOf))).toEqual(new Set(["delivered / 200"]));
    expect(outcomes.every(({ protocol }) => protocol === "h2")).toBe(true);
    expect(server.sessions()).toBe(1);
    server.close();
  });

  test("a server that takes one request at a time gets one at a time on each connection", async () => {
    const server = await startHttp2({ maxConcurrentStreams: 1 });
    await sender.send(request(server.port, "https"));
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => sender.send(request(server.port, "https"))),
    );
    expect(new Set(outcomes.map(verdictOf))).toEqual(new Set(["delivered / 200"]));
    server.close();
  });

  test("a reused connection that says GOAWAY to the next request is replaced silently", async () => {
    const server = await startTlsServer({ ...good, ALPNProtocols: ["h2"] }, (socket) => {
      socket.write(h2.settings());
      let requests = 0;
      h2.onRequests(socket, (stream) => {
        requests++;
        if (requests === 1) socket.write(h2.headers(stream, h2.status200));
        else socket.end(h2.goAway(1, 0));
      });
    });
    await sender.send(request(server.port, "https"));
    const outcome = await sender.send(request(server.port, "https"));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    expect(outcome.note).toBe("sent again: goaway (NO_ERROR)");
    expect(server.accepted).toBe(2);
    await server.close();
  });

  test("a request that GOAWAY still admits is answered", async () => {
    const server = await startTlsServer({ ...good, ALPNProtocols: ["h2"] }, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream) => {
        socket.write(h2.goAway(stream, 0), () =>
          setTimeout(() => socket.write(h2.headers(stream, h2.status200)), 50),
        );
      });
    });
    expect(verdictOf(await sender.send(request(server.port, "https")))).toBe("delivered / 200");
    await server.close();
  });

  test("a connection on which an answer is missing takes no further requests", async () => {
    const server = await startTlsServer({ ...good, ALPNProtocols: ["h2"] }, (socket, index) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream) => {
        socket.write(index === 0 ? Buffer.alloc(64, 0xff) : h2.headers(stream, h2.status200));
      });
    });
    expect(verdictOf(await sender.send(request(server.port, "https")))).toMatch("request_timeout");
    expect(verdictOf(await sender.send(request(server.port, "https")))).toBe("delivered / 200");
    await server.close();
  });
});

test("close waits for what is under way", async () => {
  const own = testSender();
  const server = await startTcpServer((socket) => {
    socket.on("data", () => setTimeout(() => socket.write(ok), 100));
  });
  const sending = own.send(request(server.port));
  await eventually("accepted", () => server.accepted === 1);
  await own.close();
  expect(verdictOf(await sending)).toBe("delivered / 200");
  expect(own.stats().openConnections).toBe(0);
  await server.close();
});
