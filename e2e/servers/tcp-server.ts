import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { Worker } from "node:worker_threads";

/** A listening server and what reached it. */
export type TestServer = {
  port: number;
  /** Connections accepted so far; for TLS: handshakes completed. */
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  close(): Promise<void>;
};

export type OnConnection = (socket: Socket, index: number) => void;

/** Accepts TCP connections and hands each to `onConnection`. */
export function startTcpServer(
  onConnection: OnConnection,
  host: string | { host: string; port: number } = "127.0.0.1",
): Promise<TestServer> {
  const counted = count(onConnection);
  return listen(createServer(counted.onConnection), counted, host);
}

/** The same behind TLS. `onConnection` runs when the handshake is done. */
export function startTlsServer(
  options: TlsOptions,
  onConnection: OnConnection,
  host = "127.0.0.1",
): Promise<TestServer> {
  const counted = count(onConnection);
  const server = createTlsServer(options, counted.onConnection);
  // A handshake that fails is what some tests are about.
  server.on("tlsClientError", () => {});
  return listen(server, counted, host);
}

/**
 * A port on which connecting never completes: its listener's queue is full and nobody accepts. It lives in a thread whose
 * event loop stands still, since a running one would accept.
 */
export async function startFullServer(): Promise<{ port: number; close(): Promise<void> }> {
  const worker = new Worker(
    `const { createServer, connect } = require("node:net");
     const { parentPort } = require("node:worker_threads");
     const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const [port] = await once(worker, "message");
  const { connect } = await import("node:net");
  // As many as it takes: how a backlog of 1 is counted differs between kernels.
  const fillers = Array.from({ length: 16 }, () =>
    connect({ port: Number(port), host: "127.0.0.1" }).on("error", () => {}),
  );
  await once(fillers[0] ?? worker, "connect");
  return {
    port: Number(port),
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

type Counted = { onConnection(socket: Socket): void; sockets: Set<Socket>; total: number };

function count(onConnection: OnConnection): Counted {
  const counted: Counted = {
    sockets: new Set<Socket>(),
    total: 0,
    onConnection(socket) {
      counted.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => counted.sockets.delete(socket));
      onConnection(socket, counted.total++);
    },
  };
  return counted;
}

async function listen(
  server: Server,
  counted: Counted,
  host: string | { host: string; port: number },
): Promise<TestServer> {
  server.listen(typeof host === "string" ? { host, port: 0 } : host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A server without a port.");
  const raw = new Set<Socket>();
  server.on("connection", (socket) => {
    raw.add(socket);
    socket.on("close", () => raw.delete(socket));
    socket.on("error", () => {});
  });
  return {
    port: address.port,
    get accepted() {
      return counted.total;
    },
    get open() {
      return counted.sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of [...counted.sockets, ...raw]) socket.destroy();
      }),
  };
}
