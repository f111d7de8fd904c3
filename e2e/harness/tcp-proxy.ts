import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export type TcpProxy = {
  port: number;
  /** `pass` all; `swallow`: take everything and say nothing, as a network that is gone; `refuse` who comes anew. */
  mode: "pass" | "swallow" | "refuse";
  /** Milliseconds that everything takes on its way. */
  delayMs: number;
  /** Resets all connections there are. */
  cut: () => void;
  close: () => Promise<void>;
};

/** Stands between the product and a server at `127.0.0.1:port`. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: false }, (near) => {
    near.on("error", () => undefined);
    if (proxy.mode === "refuse") return near.resetAndDestroy();
    const far = connect({ port, host: "127.0.0.1" });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("error", () => undefined);
      from.on("data", (chunk) => pass(to, chunk));
      from.on("close", () => {
        open.delete(from);
        // A network that is gone does not tell of ends either.
        if (proxy.mode !== "swallow") to.destroy();
      });
    }
  });
  const pass = (to: Socket, chunk: Buffer): void => {
    if (proxy.mode === "swallow") return;
    if (proxy.delayMs === 0) to.write(chunk);
    else setTimeout(() => to.write(chunk), proxy.delayMs);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    mode: "pass",
    delayMs: 0,
    cut: () => {
      for (const socket of open) socket.resetAndDestroy();
    },
    close: () =>
      new Promise((settle) => {
        server.close(() => settle());
        for (const socket of open) socket.destroy();
      }),
  };
  return proxy;
}
