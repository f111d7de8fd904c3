import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Where Linux begins with the ports that it gives to whoever asks for any, and to the near end of each connection. */
const givenOutFrom = 32_768;

/**
 * A port that nothing uses on any address of this machine, for who listens on it later, in another process or again and
 * again. From below those that the system gives out, so that in between no connection or other server comes by it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, givenOutFrom);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((settle) => {
    probe.once("error", () => settle(false));
    probe.listen(port, () => probe.close(() => settle(true)));
  });
}
