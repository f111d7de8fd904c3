import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type DatabaseProxy = {
  /** The address of the database behind it, with the way through this proxy. */
  url: string;
  /**
   * Lets the next statement through whose name or text holds `marker`, and no answer any more, as from a network that is
   * gone. Resolves when the statement has gone in.
   */
  freezeAt: (marker: string) => Promise<void>;
  /** Nothing goes either way, without a reset: the network is gone. New connections are taken and never answered. */
  cut: () => void;
  /** Everything goes through again, also what was held back. */
  mend: () => void;
  close: () => Promise<void>;
};

/** A way to PostgreSQL that can be frozen, for what a stopped machine or a lost network does to whoever is at its other end. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const paused = new Set<Socket>();
  let isCut = false;
  let watch: { marker: string; seen: () => void } | undefined;

  const hold = (socket: Socket): void => {
    socket.pause();
    paused.add(socket);
  };

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        paused.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      upstream.write(chunk);
      if (watch === undefined || !chunk.includes(watch.marker)) return;
      hold(upstream);
      hold(client);
      watch.seen();
      watch = undefined;
    });
    upstream.on("data", (chunk: Buffer) => client.write(chunk));
    if (!isCut) return;
    hold(client);
    hold(upstream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);

  return {
    url: url.href,
    freezeAt: (marker) =>
      new Promise((seen) => {
        watch = { marker, seen };
      }),
    cut: () => {
      isCut = true;
      for (const socket of sockets) hold(socket);
    },
    mend: () => {
      isCut = false;
      for (const socket of paused) socket.resume();
      paused.clear();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
