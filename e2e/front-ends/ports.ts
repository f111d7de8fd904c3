import { freePort } from "#e2e/servers/free-port.ts";

/** The ports of one front end, each of another kind. */
export type Ports = {
  plain: number;
  /** TLS, HTTP/1.1 only. */
  h1: number;
  /** TLS, HTTP/2 preferred. */
  h2: number;
};

export async function freePorts(): Promise<Ports> {
  const ports = new Set<number>();
  while (ports.size < 3) ports.add(await freePort());
  const [plain = 0, h1 = 0, h2 = 0] = ports;
  return { plain, h1, h2 };
}
