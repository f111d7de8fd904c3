import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { type DnsServer, startDnsServer } from "#e2e/servers/dns-server.ts";
import * as h2 from "#e2e/servers/http2-frames.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import {
  type OnConnection,
  startFullServer,
  startTcpServer,
  startTlsServer,
} from "#e2e/servers/tcp-server.ts";
import { errorDetails } from "./error-class.ts";
import type { Sender } from "./sender.ts";

// Every reason and every documented detail, each provoked by a real socket doing the real thing.

const certificates = createCertificates();
const good = certificates.issue({ names: ["localhost", "127.0.0.1", "bot.test"] });
const onceReading =
  (act: OnConnection): OnConnection =>
  (socket, index) => {
    socket.once("data", () => act(socket, index));
  };
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const answering = onceReading((socket) => socket.end(ok));

let dns: DnsServer;
let sender: Sender;
const seen = new Set<string>();

beforeAll(async () => {
  dns = await startDnsServer();
  sender = testSender({ dns: dns.address, ca: certificates.ca });
});

afterAll(async () => {
  await sender.close();
  await dns.close();
});

async function verdict(url: string): Promise<string> {
  const outcome = await sender.send(testRequest(url));
  const text = verdictOf(outcome);
  seen.add(text);
  return text;
}

type Case = {
  name: string;
  expected: string;
  start: () => Promise<{ url: string; close?: () => Promise<void> }>;
};

const at = async (server: Promise<{ port: number; close(): Promise<void> }>, scheme = "https") => {
  const { port, close } = await server;
  return { url: `${scheme}://localhost:${port}/webhook`, close };
};
const tls = (options: Parameters<typeof startTlsServer>[0], act: OnConnection = answering) =>
  at(startTlsServer(options, act));
const plain = (act: OnConnection) => at(startTcpServer(act), "http");
const http2 = (act: OnConnection) => tls({ ...good, ALPNProtocols: ["h2"] }, act);

const cases: readonly Case[] = [
  {
    name: "an answer with 200 over TLS",
    expected: "delivered / 200",
    start: () => tls(good),
  },
  {
    name: "an answer with 200 over HTTP/2",
    expected: "delivered / 200",
    start: () =>
      http2((socket) => {
        socket.write(h2.settings());
        h2.onRequests(socket, (stream) => socket.write(h2.headers(stream, h2.status200)));
      }),
  },
  {
    name: "a closed port",
    expected: "could_not_connect / Connection failed",
    start: async () => ({ url: "https://localhost:1/" }),
  },
  {
    name: "GOAWAY in place of accepting the request",
    expected: "could_not_connect / Connection failed (received GOAWAY)",
    start: () =>
      http2((socket) => {
        socket.write(Buffer.concat([h2.settings(), h2.goAway(0, 0)]));
      }),
  },
  {
    name: "GOAWAY before any SETTINGS were exchanged, with an error code",
    expected: "could_not_connect / Connection failed (received GOAWAY)",
    start: () =>
      http2((socket) => {
        socket.end(Buffer.concat([h2.settings(), h2.goAway(0, 11)]));
      }),
  },
  {
    name: "GOAWAY that leaves out the request just written",
    expected: "could_not_connect / Connection failed (received GOAWAY)",
    start: () =>
      http2((socket) => {
        socket.write(h2.settings());
        h2.onRequests(socket, () => socket.write(h2.goAway(0, 0)));
      }),
  },
  {
    name: "a connection closed during the TLS handshake",
    expected: "could_not_connect / Connection failed (session closed)",
    start: () => at(startTcpServer(onceReading((socket) => socket.end()))),
  },
  {
    name: "a connection reset during the TLS handshake",
    expected: "could_not_connect / Connection failed (session closed)",
    start: () => at(startTcpServer(onceReading((socket) => socket.resetAndDestroy()))),
  },
  {
    name: "a connection closed before HTTP/2 began",
    expected: "could_not_connect / Connection failed (session closed)",
    start: () => http2((socket) => socket.end()),
  },
  {
    name: "a listener that never accepts",
    expected: "could_not_connect / Connection timeout",
    start: () => at(startFullServer()),
  },
  {
    name: "a TLS handshake that never goes on",
    expected: "could_not_connect / Connection timeout",
    start: () => at(startTcpServer(() => {})),
  },
  {
    name: "an HTTP/2 server that never begins",
    expected: "could_not_connect / Connection timeout",
    start: () => http2(() => {}),
  },
  {
    name: "a name that never resolves",
    expected: "could_not_connect / DNS Query timeout",
    start: async () => {
      dns.set("silent.test", "silence");
      return { url: "https://silent.test/" };
    },
  },
  {
    name: "a name server that fails",
    expected: "could_not_connect / DNS Query timeout",
    start: async () => {
      dns.set("broken.test", "SERVFAIL");
      return { url: "https://broken.test/" };
    },
  },
  {
    name: "a URL that is none",
    expected: "could_not_connect / Invalid URL syntax",
    start: async () => ({ url: "https://bot example/" }),
  },
  {
    name: "no protocol in common",
    expected: "could_not_connect / Session protocol negotiation failure",
    start: () => tls({ ...good, ALPNProtocols: ["spdy/3.1"] }),
  },
  {
    name: "HTTP/2 agreed, something else spoken",
    expected: "could_not_connect / Session protocol negotiation failure",
    start: () => http2((socket) => socket.write(ok)),
  },
  {
    name: "plain text on the port",
    expected: "could_not_connect / No SSL/TLS record",
    start: () =>
      at(startTcpServer(onceReading((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))),
  },
  {
    name: "an expired certificate",
    expected: "could_not_connect / TLS handshake failure",
    start: () => tls(certificates.issue({ names: ["localhost"], fromDays: -9, toDays: -1 })),
  },
  {
    name: "a self-signed certificate",
    expected: "could_not_connect / TLS handshake failure",
    start: () => tls(certificates.selfSigned(["localhost"])),
  },
  {
    name: "a certificate for another host",
    expected: "could_not_connect / TLS handshake failure",
    start: () => tls(certificates.issue({ names: ["other.test"] })),
  },
  {
    name: "a chain without its intermediate certificate",
    expected: "could_not_connect / TLS handshake failure",
    start: () => tls(certificates.issue({ names: ["localhost"], withoutIntermediate: true })),
  },
  {
    name: "TLS 1.1 only",
    expected: "could_not_connect / TLS handshake failure",
    start: () =>
      tls({ ...good, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
  },
  {
    name: "a server that wants a client certificate (TLS 1.2)",
    expected: "could_not_connect / TLS handshake failure",
    start: () =>
      tls({
        ...good,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion: "TLSv1.2",
        ca: certificates.ca,
      }),
  },
  {
    name: "a name that does not exist",
    expected: "could_not_connect / Unknown host",
    start: async () => ({ url: "https://nowhere.test/" }),
  },
  {
    name: "no answer in time",
    expected: "request_timeout / Request timeout",
    start: () => plain(() => {}),
  },
  {
    name: "status 500",
    expected: "error_status_code / 500",
    start: () =>
      plain(onceReading((socket) => socket.end("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"))),
  },
  {
    name: "status 500 over HTTP/2",
    expected: "error_status_code / 500",
    start: () =>
      http2((socket) => {
        socket.write(h2.settings());
        h2.onRequests(socket, (stream) => socket.write(h2.headers(stream, h2.status500)));
      }),
  },
  {
    name: "a connection closed after the request",
    expected: "unclassified / Session closed unexpectedly",
    start: () => plain(onceReading((socket) => socket.end())),
  },
  {
    name: "a connection reset after the request",
    expected: "unclassified / Session closed unexpectedly",
    start: () => plain(onceReading((socket) => socket.resetAndDestroy())),
  },
  {
    name: "an HTTP/2 connection closed after the request",
    expected: "unclassified / Session closed unexpectedly",
    start: () =>
      http2((socket) => {
        socket.write(h2.settings());
        h2.onRequests(socket, () => socket.end());
      }),
  },
  {
    name: "RST_STREAM after the request",
    expected: "unclassified / Stream closed unexpectedly",
    start: () =>
      http2((socket) => {
        socket.write(h2.settings());
        h2.onRequests(socket, (stream) => socket.write(h2.rstStream(stream, 2)));
      }),
  },
  {
    name: "RST_STREAM (cancel), then the connection closed",
    expected: "unclassified / Stream closed unexpectedly",
    start: () =>
      http2((socket) => {
        socket.write(h2.settings());
        h2.onRequests(socket, (stream) => socket.end(h2.rstStream(stream, 8)));
      }),
  },
  {
    name: "an answer that is no HTTP",
    expected: "unclassified / Unclassified webhook dispatch error",
    start: () => plain(onceReading((socket) => socket.end("220 mail.example.com ESMTP\r\n"))),
  },
];

describe.concurrent("each condition has its documented reason and detail", () => {
  test.each(cases)("$name → $expected", async ({ expected, start }) => {
    const { url, close } = await start();
    try {
      expect(await verdict(url)).toBe(expected);
    } finally {
      await close?.();
    }
  });
});

test("all 15 documented details were provoked", () => {
  const documented = Object.entries(errorDetails).flatMap(([reason, details]) =>
    details.map((detail) => `${reason} / ${detail}`),
  );
  expect([...seen]).toEqual(expect.arrayContaining([...documented, "error_status_code / 500"]));
});
