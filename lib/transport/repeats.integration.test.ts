import { once } from "node:events";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import * as h2 from "#e2e/servers/http2-frames.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { startTcpServer, startTlsServer, type TestServer } from "#e2e/servers/tcp-server.ts";
import type { Sender } from "./sender.ts";

// What is sent again within an attempt, what is not, and what of it the bot server sees.

const certificates = createCertificates();
const good = certificates.issue({ names: ["localhost"] });
const http2Only = { ...good, ALPNProtocols: ["h2"] };
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const [first, marked] = ['{"isRedelivery":false}', '{"isRedelivery":true}'];
const [noError, internalError, refusedStream, cancel, http11Required] = [0, 2, 7, 8, 13];

const request = (port: number, scheme = "https") =>
  testRequest(`${scheme}://localhost:${port}/webhook`, {
    body: Buffer.from(first),
    markedBody: () => Buffer.from(marked),
  });

let sender: Sender;
let server: TestServer | null = null;
beforeAll(() => {
  sender = testSender({ ca: certificates.ca });
});
afterEach(async () => {
  await server?.close();
  server = null;
});
afterAll(() => sender.close());

const whys = (outcome: { seen: { repeats?: readonly { why: string; isMarked: boolean }[] } }) =>
  (outcome.seen.repeats ?? []).map(({ why, isMarked }) => (isMarked ? `${why}, marked` : why));

describe("HTTP/2", () => {
  test("a stream that both sides have ended is not reset", async () => {
    const resets: number[] = [];
    server = await startTlsServer(http2Only, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(
        socket,
        (stream) => socket.write(h2.headers(stream, h2.status200)),
        (_stream, code) => resets.push(code),
      );
    });
    for (let sent = 0; sent < 20; sent++) {
      expect(verdictOf(await sender.send(request(server.port)))).toBe("delivered / 200");
    }
    expect(resets).toEqual([]);
    expect(server.accepted).toBe(1);
  });

  test("a stream whose answer is missing or too long is reset", async () => {
    const resets: number[] = [];
    server = await startTlsServer(http2Only, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(
        socket,
        (stream) => {
          socket.write(h2.headers(stream, h2.status200, false));
          for (let part = 0; part < 5; part++) {
            socket.write(h2.data(stream, Buffer.alloc(16_000), false));
          }
        },
        (_stream, code) => resets.push(code),
      );
    });
    expect(verdictOf(await sender.send(request(server.port)))).toBe("delivered / 200");
    await expect.poll(() => resets).toEqual([cancel]);
  });

  test("requests above a GOAWAY's last stream are sent again, unmarked, also the first of a connection", async () => {
    const bodies: string[] = [];
    server = await startTlsServer(http2Only, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream, body) => {
        // Each connection takes one request.
        if (stream > 1) return;
        bodies.push(body);
        socket.write(h2.headers(stream, h2.status200));
        socket.end(h2.goAway(1, noError));
      });
    });
    const { port } = server;
    await sender.send(request(port));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => sender.send(request(port))));
    expect(outcomes.map(verdictOf)).toEqual(Array(8).fill("delivered / 200"));
    expect(bodies).toEqual(Array(9).fill(first));
  });

  test("how many requests a connection takes is learned, so that hardly any is turned away again", async () => {
    let turnedAway = 0;
    server = await startTlsServer(http2Only, (socket) => {
      let taken = 0;
      socket.write(h2.settings());
      h2.onRequests(socket, (stream) => {
        if (++taken > 3) turnedAway++;
        if (taken === 3) socket.write(h2.goAway(5, noError));
        if (taken <= 3) setImmediate(() => socket.write(h2.headers(stream, h2.status200)));
        if (taken === 3) setImmediate(() => socket.end());
      });
    });
    const { port } = server;
    await sender.send(request(port));
    const verdicts: string[] = [];
    const oneAfterAnother = async () => {
      for (let sent = 0; sent < 40; sent++)
        verdicts.push(verdictOf(await sender.send(request(port))));
    };
    await Promise.all(Array.from({ length: 8 }, oneAfterAnother));
    expect(new Set(verdicts)).toEqual(new Set(["delivered / 200"]));
    // Until it is known, and one now and then that finds out whether more are taken by now.
    expect(turnedAway).toBeLessThan(verdicts.length / 4);
  });

  test("the first GOAWAY of two, whose last stream is the highest there is, teaches nothing", async () => {
    server = await startTlsServer(http2Only, (socket, index) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream) => {
        socket.write(h2.headers(stream, h2.status200));
        if (index === 0) socket.write(h2.goAway(2 ** 31 - 1, noError));
      });
    });
    const { port } = server;
    const burst = () => Promise.all(Array.from({ length: 20 }, () => sender.send(request(port))));
    await sender.send(request(port));
    await burst();
    await burst();
    // One that went away, one for all of those that followed.
    expect(server.accepted).toBe(2);
  });

  test("connections of one request each, as SETTINGS say, are opened beside one another", async () => {
    // SETTINGS wait until five connections are there: one after the other they would never come.
    const held: (() => void)[] = [];
    let isOpen = false;
    server = await startTlsServer(http2Only, (socket, index) => {
      const begin = () => {
        socket.write(h2.settings([3, 1]));
        h2.onRequests(socket, (stream) => socket.write(h2.headers(stream, h2.status200)));
      };
      if (index === 0 || isOpen) begin();
      else if (held.push(begin) === 5) {
        isOpen = true;
        for (const go of held) go();
      }
    });
    const { port } = server;
    await sender.send(request(port));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => sender.send(request(port))),
    );
    expect(new Set(outcomes.map(verdictOf))).toEqual(new Set(["delivered / 200"]));
  });

  test("a bot server that turns every request away is an error with the code that it gave", async () => {
    let asked = 0;
    server = await startTlsServer(http2Only, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(socket, () => {
        asked++;
        socket.end(h2.goAway(0, internalError));
      });
    });
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("could_not_connect / Connection failed (received GOAWAY)");
    expect(outcome.seen).toMatchObject({ phase: "answer", goAway: "INTERNAL_ERROR" });
    expect(asked).toBe(3);
  });

  test("a refused stream is sent once more, marked as redelivery", async () => {
    const bodies: string[] = [];
    server = await startTlsServer(http2Only, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream, body) => {
        bodies.push(body);
        socket.write(
          bodies.length === 1
            ? h2.rstStream(stream, refusedStream)
            : h2.headers(stream, h2.status200),
        );
      });
    });
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    expect(whys(outcome)).toEqual(["refused_stream, marked"]);
    expect(bodies).toEqual([first, marked]);
  });

  test("a bot server that crashes behind a proxy that answers REFUSED_STREAM gets two copies, no more", async () => {
    const bodies: string[] = [];
    server = await startTlsServer(http2Only, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream, body) => {
        bodies.push(body);
        socket.write(h2.rstStream(stream, refusedStream));
      });
    });
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("unclassified / Stream closed unexpectedly");
    expect(outcome.seen).toMatchObject({ phase: "answer", reset: "REFUSED_STREAM" });
    expect(bodies).toEqual([first, marked]);
  });

  test("a server that takes one request at a time and does not say so loses none", async () => {
    const busy = new WeakSet<object>();
    const one = createSecureServer(good);
    one.on("stream", (stream) => {
      stream.on("error", () => {});
      const { session = one } = stream;
      if (busy.has(session)) {
        stream.close(refusedStream);
        return;
      }
      busy.add(session);
      // After the others of its connection have been refused.
      setImmediate(() => {
        busy.delete(session);
        stream.respond({ ":status": 200 });
        stream.end();
      });
    });
    one.listen(0, "127.0.0.1");
    await once(one, "listening");
    const { port } = one.address() as AddressInfo;
    await sender.send(request(port));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => sender.send(request(port))));
    expect(outcomes.map(verdictOf)).toEqual(Array(8).fill("delivered / 200"));
    one.close();
  });

  test.each([
    ["for one stream", (stream: number) => h2.rstStream(stream, http11Required)],
    ["for the connection", () => h2.goAway(0, http11Required)],
  ])("HTTP/1.1 required %s: sent again so, and from then on", async (_what, answer) => {
    const over: string[] = [];
    server = await startTlsServer({ ...good, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
      if (socket instanceof TLSSocket && socket.alpnProtocol !== "h2") {
        socket.on("data", () => {
          over.push("http/1.1");
          socket.write(ok);
        });
        return;
      }
      socket.write(h2.settings());
      h2.onRequests(socket, (stream) => {
        over.push("h2");
        socket.write(answer(stream));
      });
    });
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    expect(whys(outcome)).toEqual(["http_1_1_required"]);
    expect(verdictOf(await sender.send(request(server.port)))).toBe("delivered / 200");
    expect(over).toEqual(["h2", "http/1.1", "http/1.1"]);
  });

  test("a status that is none is a malformed answer", async () => {
    server = await startTlsServer(http2Only, (socket) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream) => socket.write(h2.headers(stream, h2.statusNone)));
    });
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("unclassified / Unclassified webhook dispatch error");
    expect(outcome.seen).toMatchObject({ phase: "answer", code: "STATUS" });
  });

  test("a used connection that goes away and resets what it had taken costs no more than that", async () => {
    const bodies: string[] = [];
    server = await startTlsServer(http2Only, (socket, index) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream, body) => {
        bodies.push(body);
        if (index > 0 || stream === 1) socket.write(h2.headers(stream, h2.status200));
        else socket.end(Buffer.concat([h2.goAway(stream, noError), h2.rstStream(stream, 1)]));
      });
    });
    await sender.send(request(server.port));
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    expect(whys(outcome)).toEqual(["reused_connection_ended, marked"]);
    expect(bodies).toEqual([first, first, marked]);
  });

  test("a used connection that ends under a request costs nothing but a marked repeat", async () => {
    const bodies: string[] = [];
    server = await startTlsServer(http2Only, (socket, index) => {
      socket.write(h2.settings());
      h2.onRequests(socket, (stream, body) => {
        bodies.push(body);
        if (index === 0 && stream > 1) socket.destroy();
        else socket.write(h2.headers(stream, h2.status200));
      });
    });
    await sender.send(request(server.port));
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    expect(whys(outcome)).toEqual(["reused_connection_ended, marked"]);
    expect(bodies).toEqual([first, first, marked]);
  });
});

describe("HTTP/1.1", () => {
  /** The body of each request; `answer` false ends the connection in its place. */
  const startBot = (answer: (request: number, connection: number) => boolean) => {
    const bodies: string[] = [];
    const started = startTcpServer((socket, index) => {
      let nth = 0;
      socket.on("data", (bytes) => {
        bodies.push(bytes.toString().split("\r\n\r\n")[1] ?? "");
        if (answer(++nth, index)) socket.write(ok);
        else socket.destroy();
      });
    });
    return started.then((bot) => ({ bot, bodies }));
  };

  test("a used connection that ends without a byte of an answer: once more, marked, signed anew", async () => {
    const { bot, bodies } = await startBot((nth, connection) => connection > 0 || nth === 1);
    server = bot;
    await sender.send(request(bot.port, "http"));
    const outcome = await sender.send(request(bot.port, "http"));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    expect(whys(outcome)).toEqual(["reused_connection_ended, marked"]);
    expect(outcome.note).toBe("sent again: reused_connection_ended");
    expect(bodies).toEqual([first, first, marked]);
  });

  test("a bot server that crashes each time gets two copies, no more", async () => {
    const { bot, bodies } = await startBot((nth, connection) => connection === 0 && nth === 1);
    server = bot;
    await sender.send(request(bot.port, "http"));
    const outcome = await sender.send(request(bot.port, "http"));
    expect(verdictOf(outcome)).toBe("unclassified / Session closed unexpectedly");
    expect(bodies).toEqual([first, first, marked]);
    expect(bot.accepted).toBe(2);
  });

  test("what failed on a connection of its own is never sent again", async () => {
    const { bot, bodies } = await startBot(() => false);
    server = bot;
    const outcome = await sender.send(request(bot.port, "http"));
    expect(verdictOf(outcome)).toBe("unclassified / Session closed unexpectedly");
    expect(outcome.seen).toEqual({ phase: "answer" });
    expect(bodies).toEqual([first]);
  });

  test("what is no webhook is sent again as it was", async () => {
    const { bot, bodies } = await startBot((nth, connection) => connection > 0 || nth === 1);
    server = bot;
    const { markedBody: _none, ...plain } = request(bot.port, "http");
    await sender.send(plain);
    const outcome = await sender.send(plain);
    expect(whys(outcome)).toEqual(["reused_connection_ended"]);
    expect(bodies).toEqual([first, first, first]);
  });

  test("a connection that ends during the handshake is tried once more", async () => {
    let accepted = 0;
    const { bot } = await startBot(() => true);
    server = bot;
    const broken = await startTcpServer((socket) => {
      accepted++;
      socket.once("data", () => socket.destroy());
    });
    const outcome = await sender.send(request(broken.port));
    expect(verdictOf(outcome)).toBe("could_not_connect / Connection failed (session closed)");
    expect(accepted).toBe(2);
    await broken.close();
  });
});

describe("a client certificate is demanded", () => {
  const demanding = { ...good, requestCert: true, rejectUnauthorized: true, ca: certificates.ca };
  test.each([
    ["TLS 1.3, HTTP/2", { ALPNProtocols: ["h2"] }, "certificate_required"],
    ["TLS 1.3, HTTP/1.1", {}, "certificate_required"],
    [
      "TLS 1.2, HTTP/2",
      { ALPNProtocols: ["h2"], maxVersion: "TLSv1.2" as const },
      "handshake_failure",
    ],
    ["TLS 1.2, HTTP/1.1", { maxVersion: "TLSv1.2" as const }, "handshake_failure"],
  ])("%s: the alert is told, at once and every time", async (_what, options, alert) => {
    server = await startTlsServer({ ...demanding, ...options }, () => {});
    for (let sent = 0; sent < 3; sent++) {
      const outcome = await sender.send(request(server.port));
      expect(verdictOf(outcome)).toBe("could_not_connect / TLS handshake failure");
      expect(outcome.seen).toMatchObject({
        alert,
        clientCertificateAsked: true,
        serverCertificateShown: true,
      });
    }
  });

  test("no cipher in common is told apart from it", async () => {
    server = await startTlsServer(
      { ...good, maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES256-SHA384" },
      () => {},
    );
    const outcome = await sender.send(request(server.port));
    expect(verdictOf(outcome)).toBe("could_not_connect / TLS handshake failure");
    expect(outcome.seen).toEqual({
      phase: "tls",
      code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
      alert: "handshake_failure",
    });
  });
});

test("what came instead of HTTP is kept for people to see", async () => {
  server = await startTcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  const outcome = await sender.send(request(server.port, "http"));
  expect(outcome.seen).toEqual({
    phase: "answer",
    code: "NOT_HTTP",
    firstBytes: "SSH-2.0-OpenSSH_9.2\\x0d\\x0a",
  });
});
