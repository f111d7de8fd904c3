import { freePort } from "#e2e/servers/free-port.ts";

/** The ports of one front end, each of another kind. */
export type Ports = {
  plain: number;
  /** TLS, HTTP/1.1 only. */
  h1: number;
  /** TLS, HTTP/2 preferred. */
  h2: number;
};

const handedOut = new Set<number>();

/** A port that nothing uses and nobody here was given before: a server takes it only some time later. */
export async function ownPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    return port;
  }
}

export async function freePorts(): Promise<Ports> {
  return { plain: await ownPort(), h1: await ownPort(), h2: await ownPort() };
}
