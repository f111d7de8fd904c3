import { isIP } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DnsServer, startDnsServer } from "#e2e/servers/dns-server.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import { privateSpellings } from "#e2e/servers/private-spellings.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { startTcpServer, type TestServer } from "#e2e/servers/tcp-server.ts";
import { bareName } from "#lib/targets/names.ts";
import type { Sender } from "./sender.ts";

// No spelling, name, answer or redirect may lead to an address that is not public. The oracle is not our own verdict but
// listeners on every address of this machine that could be reached: they must never be touched.

const publicAddress = "127.0.0.9";
const connectionFailed = "could_not_connect / Connection failed";

let dns: DnsServer;
let sender: Sender;
let publicServer: TestServer;
let oracles: TestServer[];
let redirectTo = "";

beforeAll(async () => {
  dns = await startDnsServer();
  // The local names among the spellings do resolve: it is their address that must stop them.
  for (const host of privateSpellings) dns.set(bareName(host), ["127.0.0.1"]);
  // Of loopback only one address is open: it plays the public bot server.
  sender = testSender({ dns: dns.address, allowTargets: [`${publicAddress}/32`] });
  // The same on every address.
  const port = await freePort();
  publicServer = await startTcpServer(
    (socket) => {
      socket.on("data", () =>
        socket.write(`HTTP/1.1 307 Go\r\nlocation: ${redirectTo}\r\ncontent-length: 0\r\n\r\n`),
      );
    },
    { host: publicAddress, port },
  );
  oracles = await Promise.all(
    ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1"].map((host) =>
      startTcpServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"), { host, port }),
    ),
  );
});

afterAll(async () => {
  await sender.close();
  await Promise.all([dns, publicServer, ...oracles].map((server) => server.close()));
});

const touched = () => oracles.reduce((sum, { accepted }) => sum + accepted, 0);

let names = 0;
/** A fresh name with these answers, one after another. */
function named(...answers: readonly (readonly string[])[]): string {
  const name = `host-${names++}.bots.test`;
  dns.set(name, ...answers);
  return name;
}

async function send(host: string, scheme = "http"): Promise<string> {
  return verdictOf(
    await sender.send(testRequest(`${scheme}://${host}:${publicServer.port}/webhook`)),
  );
}

/** The addresses behind the spellings, as a name server would give them. */
const addresses = [
  ...new Set(
    privateSpellings.flatMap((host) => {
      const url = `http://${host}/`;
      const { hostname } = URL.canParse(url) ? new URL(url) : { hostname: "" };
      const literal = hostname.replace(/^\[|\]$/g, "");
      return isIP(literal) === 0 ? [] : [literal];
    }),
  ),
];
const other = (address: string) => (isIP(address) === 4 ? "8.8.8.8" : "2606:4700:4700::1111");

test("the table is as long as it should be", () => {
  expect(new Set(privateSpellings).size).toBeGreaterThanOrEqual(60);
  expect(addresses.length).toBeGreaterThanOrEqual(50);
});

describe("a literal", () => {
  test.each(privateSpellings)("%s is not called", async (host) => {
    for (const scheme of ["http", "https"]) {
      expect(await send(host, scheme)).toMatch(
        /^could_not_connect \/ (Connection failed|Invalid URL syntax)$/,
      );
    }
    expect(touched()).toBe(0);
  });
});

describe("a name that resolves to a private address", () => {
  test.each(addresses)("%s is not called", async (address) => {
    expect(await send(named([address]))).toBe(connectionFailed);
    expect(touched()).toBe(0);
  });

  test.each(addresses)("%s beside public ones, in any order, is not called", async (address) => {
    expect(await send(named([other(address), address]))).toBe(connectionFailed);
    expect(await send(named([address, other(address)]))).toBe(connectionFailed);
    expect(await send(named([publicAddress, address]))).toBe(connectionFailed);
    expect(touched()).toBe(0);
  });

  test.each(addresses)("%s after a public answer (rebinding) is not called", async (address) => {
    const name = named([publicAddress], [address]);
    expect(await send(name)).toBe("error_status_code / 307");
    // Another scheme: a connection to the first address is still open, and it would rightly be used.
    expect(await send(name, "https")).toBe(connectionFailed);
    expect(touched()).toBe(0);
  });
});

describe("a redirect", () => {
  test.each(privateSpellings)("to %s is not followed", async (host) => {
    redirectTo = `http://${encodeURI(host).replace(/%25/g, "%")}:${publicServer.port}/`;
    expect(await send(named([publicAddress]))).toBe("error_status_code / 307");
    expect(touched()).toBe(0);
  });
});

test("the oracle does notice: the same listener is reached where the operator opened its address", async () => {
  const open = testSender({ dns: dns.address, allowTargets: ["127.0.0.1/32"] });
  const url = `http://${named(["127.0.0.1"])}:${publicServer.port}/`;
  expect(verdictOf(await open.send(testRequest(url)))).toBe("delivered / 200");
  expect(touched()).toBe(1);
  await open.close();
});
