import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { startTcpServer, type TestServer } from "#e2e/servers/tcp-server.ts";
import type { Sender } from "./sender.ts";

// How long an unused connection is kept, as the sender learns it from what servers do.

let sender: Sender;
let server: TestServer;
let sockets: Socket[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  sender = testSender();
  sockets = [];
  server = await startTcpServer((socket) => {
    sockets.push(socket);
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  });
});

afterEach(async () => {
  vi.useRealTimers();
  await sender.close();
  await server.close();
});

const send = async (count = 1) => {
  for (let sent = 0; sent < count; sent++) {
    const outcome = await sender.send(testRequest(`http://localhost:${server.port}/webhook`));
    expect(verdictOf(outcome)).toBe("delivered / 200");
  }
};

/** The server ends what is open, and the sender has seen it. */
const endAll = async () => {
  for (const socket of sockets.splice(0)) socket.end();
  await eventually("ends seen", () => sender.stats().openConnections === 0);
};

describe("a server that ends unused connections after 2 s without announcing it", () => {
  const learn = async () => {
    await send();
    vi.advanceTimersByTime(2_000);
    await endAll();
    expect(server.accepted).toBe(1);
  };

  test("gets no request on a connection that was unused for longer than 1 s", async () => {
    await learn();
    await send();
    vi.advanceTimersByTime(1_100);
    await send();
    expect(server.accepted).toBe(3);
  });

  test("gets one on a connection that was unused for less", async () => {
    await learn();
    await send();
    vi.advanceTimersByTime(900);
    await send();
    expect(server.accepted).toBe(2);
  });

  test("is still known for it a day later", async () => {
    await learn();
    vi.advanceTimersByTime(86_400_000);
    await send();
    vi.advanceTimersByTime(1_100);
    await send();
    expect(server.accepted).toBe(3);
  });
});

test("connections that are ended with their answer teach nothing of unused ones", async () => {
  let isLast = true;
  server.close();
  server = await startTcpServer((socket) => {
    sockets.push(socket);
    socket.on("data", () => {
      const close = isLast ? "connection: close\r\n" : "";
      isLast = false;
      socket.write(`HTTP/1.1 200 OK\r\n${close}content-length: 0\r\n\r\n`);
    });
  });
  await send();
  await eventually("end seen", () => sender.stats().openConnections === 0);
  await send(20);
  expect(server.accepted).toBe(2);
});

test("after a reload, which ends every connection, the next ones are used again at once", async () => {
  await send();
  vi.advanceTimersByTime(1_000);
  await send();
  vi.advanceTimersByTime(300);
  await endAll();
  await send(40);
  expect(server.accepted).toBe(2);
});

test("a reload that was taken for a habit, because nothing else was known, is forgotten within seconds", async () => {
  await send();
  vi.advanceTimersByTime(10);
  await endAll();
  await send(2);
  // One of them is kept open, unused, and outlives what was believed.
  vi.advanceTimersByTime(2_000);
  const before = server.accepted;
  await send(40);
  expect(server.accepted).toBe(before + 1);
});
