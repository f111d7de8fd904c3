import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import type { Place } from "#e2e/front-ends/place.ts";

/** A way to a server that counts the connections over it and takes its time, as a distant one does. */
export type Relay = {
  port: number;
  /** Connections since it was last asked. */
  connections: () => number;
  /** Whether none is open. */
  isQuiet: () => boolean;
};

/** Hands bytes on to `target`, each way `delayMs` late; ends with the place. */
export async function startRelay(place: Place, target: number, delayMs = 0): Promise<Relay> {
  let count = 0;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    count++;
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      // A closed connection travels as late as the bytes do: that is the time in which it is written to in vain.
      const later = (act: () => void) => setTimeout(act, delayMs);
      from.on("data", (piece) => later(() => to.writable && to.write(piece)));
      from.on("end", () => later(() => to.end()));
      from.on("error", () => later(() => to.destroy()));
      from.on("close", () => {
        open.delete(from);
        later(() => to.destroy());
      });
    }
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  place.onClose(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((settle) => server.close(settle));
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => {
      const seen = count;
      count = 0;
      return seen;
    },
    isQuiet: () => open.size === 0,
  };
}
