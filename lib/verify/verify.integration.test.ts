import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { type DnsServer, startDnsServer } from "#e2e/servers/dns-server.ts";
import * as h2 from "#e2e/servers/http2-frames.ts";
import { testSender } from "#e2e/servers/sending.ts";
import { type OnConnection, startTcpServer, startTlsServer } from "#e2e/servers/tcp-server.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { Sender } from "#lib/transport/sender.ts";
import type { VerifyStep } from "./schema.ts";
import { verifyEndpoint } from "./verify.ts";

const certificates = createCertificates();
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const answer =
  (text: string): OnConnection =>
  (socket) =>
    socket.on("data", () => socket.write(text));

let dns: DnsServer;
let sender: Sender;
beforeAll(async () => {
  dns = await startDnsServer();
  // The server under test is at 127.0.0.1; 127.0.0.2 stands for an address nobody may be led to.
  sender = testSender({ ca: certificates.ca, dns: dns.address, allowTargets: ["127.0.0.1/32"] });
  dns.set("bot.test", ["127.0.0.1"]);
  dns.set("inside.test", ["127.0.0.2"]);
  dns.set("silent.test", "silence");
});
afterAll(async () => {
  await sender.close();
  await dns.close();
});

const verify = (url: string, onStep?: (step: VerifyStep) => void) =>
  verifyEndpoint(
    sender,
    { url, destination: "U0", channelSecret: "secret" },
    onStep === undefined ? {} : { onStep },
  );

test("every step of a good server is reported, with what was found out", async () => {
  let body = "";
  const server = await startTlsServer(certificates.issue({ names: ["bot.test"] }), (socket) => {
    socket.on("data", (bytes) => {
      body += bytes;
      socket.write(ok);
    });
  });
  const told: string[] = [];
  const { outcome, steps } = await verify(`https://bot.test:${server.port}/webhook`, ({ step }) =>
    told.push(step),
  );
  expect(outcome).toMatchObject({ state: "delivered", statusCode: 200 });
  expect(told).toEqual(["address", "dns", "tcp", "tls", "http"]);
  expect(steps).toMatchObject([
    { step: "address", ok: true, cause: null, ms: null, host: "bot.test", problem: null },
    { step: "dns", ok: true },
    {
      step: "tcp",
      ok: true,
      addresses: ["127.0.0.1"],
      address: "127.0.0.1",
      port: server.port,
    },
    {
      step: "tls",
      ok: true,
      version: "TLSv1.3",
      protocol: "http/1.1",
      certificate: {
        subject: "CN=bot.test",
        issuer: "CN=Test intermediate",
        names: ["bot.test"],
        daysLeft: 19,
        chain: ["CN=bot.test", "CN=Test intermediate", "CN=Test root"],
      },
    },
    { step: "http", ok: true, statusCode: 200, protocol: "http/1.1", doubt: null },
  ]);
  for (const { step, ms } of steps.slice(1)) expect(ms, step).toBeGreaterThanOrEqual(0);
  expect(body).toMatch(/\r\n\r\n\{"destination":"U0","events":\[\]\}$/);
  await server.close();
});

test("a second check makes a full handshake again, so that the certificate is seen", async () => {
  const server = await startTlsServer(certificates.issue({ names: ["bot.test"] }), answer(ok));
  for (let sent = 0; sent < 3; sent++) {
    const { steps } = await verify(`https://bot.test:${server.port}/`);
    expect(steps[3]).toMatchObject({ step: "tls", certificate: { chain: { length: 3 } } });
  }
  expect(server.accepted).toBe(3);
  await server.close();
});

type Case = [
  name: string,
  step: string,
  cause: LikelyCause,
  start: () => Promise<{ url: string; close?: () => Promise<void> }>,
];
const tls = async (identity: { key: string; cert: string }, options = {}) => {
  const { port, close } = await startTlsServer({ ...identity, ...options }, answer(ok));
  return { url: `https://bot.test:${port}/`, close };
};
const plain = async (text: string, scheme = "http") => {
  const { port, close } = await startTcpServer(answer(text));
  return { url: `${scheme}://bot.test:${port}/`, close };
};
const status = (code: number) => plain(`HTTP/1.1 ${code} X\r\ncontent-length: 0\r\n\r\n`);
const { issue, selfSigned } = certificates;

const cases: readonly Case[] = [
  ["a URL that is none", "address", "url_unusable", async () => ({ url: "ftp://bot.test/" })],
  [
    "a literal private address",
    "address",
    "port_refused",
    async () => ({ url: "https://10.0.0.1/" }),
  ],
  ["an unknown name", "dns", "host_name_missing", async () => ({ url: "https://nowhere.test/" })],
  [
    "a name that never resolves",
    "dns",
    "name_servers_silent",
    async () => ({ url: "https://silent.test/" }),
  ],
  ["a closed port", "tcp", "port_refused", async () => ({ url: "https://bot.test:1/" })],
  ["plain text on the port", "tls", "plain_port", () => plain("hello there\r\n", "https")],
  [
    "an expired certificate",
    "tls",
    "certificate_expired",
    () => tls(issue({ names: ["bot.test"], toDays: -0.5 })),
  ],
  [
    "a certificate from the future",
    "tls",
    "certificate_not_yet_valid",
    () => tls(issue({ names: ["bot.test"], fromDays: 1 })),
  ],
  [
    "a self-signed certificate",
    "tls",
    "certificate_self_signed",
    () => tls(selfSigned(["bot.test"])),
  ],
  [
    "an incomplete chain",
    "tls",
    "certificate_chain_incomplete",
    () => tls(issue({ names: ["bot.test"], withoutIntermediate: true })),
  ],
  [
    "a certificate for another name",
    "tls",
    "certificate_for_other_name",
    () => tls(issue({ names: ["other.test"] })),
  ],
  [
    "TLS 1.1 only",
    "tls",
    "tls_too_old",
    () =>
      tls(issue({ names: ["bot.test"] }), {
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        ciphers: "DEFAULT@SECLEVEL=0",
      }),
  ],
  [
    "no protocol in common",
    "tls",
    "no_common_protocol",
    () => tls(issue({ names: ["bot.test"] }), { ALPNProtocols: ["spdy/3"] }),
  ],
  [
    "a server that wants a client certificate",
    "http",
    "client_certificate_demanded",
    () =>
      tls(issue({ names: ["bot.test"] }), {
        requestCert: true,
        rejectUnauthorized: true,
        ca: certificates.ca,
        minVersion: "TLSv1.3",
      }),
  ],
  ["no answer", "http", "slow_sometimes", () => plain("")],
  ["a redirect", "http", "redirect_elsewhere", () => status(302)],
  ["404", "http", "path_unknown_to_bot", () => status(404)],
  ["403", "http", "signature_refused", () => status(403)],
  ["500", "http", "handler_fails_sometimes", () => status(500)],
  ["418", "http", "request_not_understood", () => status(418)],
  ["garbage", "http", "proxy_points_at_no_web_server", () => plain("garbage")],
];

describe.concurrent("a failed step has its likely cause", () => {
  test.each(cases)("%s: %s, %s", async (_name, step, cause, start) => {
    const { url, close } = await start();
    try {
      const { steps, outcome } = await verify(url);
      expect(outcome.state).toBe("error");
      expect(steps.at(-1)).toMatchObject({ step, ok: false, cause });
      for (const passed of steps.slice(0, -1))
        expect(passed).toMatchObject({ ok: true, cause: null });
    } finally {
      await close?.();
    }
  });
});

test("a refused certificate is shown", async () => {
  const { url, close } = await tls(issue({ names: ["other.test"], toDays: 5 }));
  const { steps } = await verify(url);
  expect(steps.at(-1)).toMatchObject({
    step: "tls",
    certificate: { subject: "CN=other.test", names: ["other.test"], daysLeft: 4 },
  });
  await close?.();
});

test("a name that leads to a private address looks like a closed port; only the note has the truth", async () => {
  const blocked = await verify("https://inside.test:1/");
  const refused = await verify("https://bot.test:1/");
  const shown = ({ steps }: typeof blocked) =>
    steps.map((step) => (step.step === "dns" ? { ...step, ms: 0 } : { ...step, host: "" }));
  expect(shown(blocked)).toEqual(shown(refused));
  expect(blocked.outcome).toMatchObject({
    error: { reason: "could_not_connect", detail: "Connection failed", statusCode: null },
    remoteAddress: null,
    response: null,
    note: "refused address: 127.0.0.2 (loopback)",
  });
  expect(Object.keys(blocked.outcome.times)).toEqual(Object.keys(refused.outcome.times));
});

test.each([
  ["web_page", "content-type: text/html\r\n", "<!doctype html><title>Shop</title>"],
  ["from_cache", "age: 12\r\n", "ok"],
  ["not_http", "", "SSH-2.0-OpenSSH_9.2p1\r\n"],
])(
  "an answer that is accepted but probably not the bot's passes with a doubt: %s",
  async (doubt, fields, body) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${fields}\r\n`;
    const server = await startTcpServer(answer(head + body));
    const told: VerifyStep[] = [];
    const { outcome, steps } = await verify(`http://bot.test:${server.port}/`, (step) =>
      told.push(step),
    );
    expect(outcome.state).toBe("delivered");
    expect(steps.at(-1)).toMatchObject({ step: "http", ok: true, cause: null, doubt });
    expect(told).toEqual(steps);
    await server.close();
  },
);

test("an error page is an error, and nothing besides", async () => {
  const body = "<!doctype html><title>Oops</title>";
  const head = `HTTP/1.1 500 Oops\r\ncontent-length: ${body.length}\r\ncontent-type: text/html\r\n\r\n`;
  const server = await startTcpServer(answer(head + body));
  const { steps } = await verify(`http://bot.test:${server.port}/`);
  expect(steps.at(-1)).toMatchObject({ ok: false, cause: "handler_fails_sometimes", doubt: null });
  await server.close();
});

test("a server that asks for HTTP/1.1 passes, and each step is told once", async () => {
  const options = {
    ...certificates.issue({ names: ["bot.test"] }),
    ALPNProtocols: ["h2", "http/1.1"],
  };
  const server = await startTlsServer(options, (socket) => {
    if (socket instanceof TLSSocket && socket.alpnProtocol !== "h2") {
      socket.on("data", () => socket.write(ok));
      return;
    }
    socket.write(h2.settings());
    h2.onRequests(socket, (stream) => socket.write(h2.rstStream(stream, 13)));
  });
  const { outcome, steps } = await verify(`https://bot.test:${server.port}/webhook`);
  expect(outcome).toMatchObject({ state: "delivered", protocol: "http/1.1" });
  expect(steps.map(({ step, ok: passed }) => [step, passed])).toEqual([
    ["address", true],
    ["dns", true],
    ["tcp", true],
    ["tls", true],
    ["http", true],
  ]);
  await server.close();
});
