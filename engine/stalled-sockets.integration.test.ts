import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { endStalledSockets } from "./stalled-sockets.mjs";

const idleMs = 100;
/** More than the buffers on the way hold. */
const large = Buffer.alloc(32 * 1024 * 1024, "x");
let server: Server;
let client: Socket;
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

async function ask(answer: RequestListener): Promise<void> {
  server = createServer(answer);
  endStalledSockets(server, idleMs);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => undefined);
  await once(client, "connect");
  client.pause();
  client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
}

test("a client that takes nothing of its answer is ended", async () => {
  const gone = new Promise<void>((resolve) => {
    void ask((_request, response) => {
      response.once("close", resolve);
      response.end(large);
    });
  });
  await gone;
});

test("who waits for an answer that takes long is not", async () => {
  let patienceEnded = 0;
  await ask((request, response) => {
    request.socket.on("timeout", () => {
      patienceEnded += 1;
      if (patienceEnded === 2) response.end("late");
    });
  });
  client.resume();
  const [chunk] = await once(client, "data");
  expect(String(chunk)).toContain("late");
});
