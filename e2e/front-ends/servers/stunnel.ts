import type { Place } from "#e2e/front-ends/place.ts";
import type { Aim } from "#e2e/front-ends/situations/situation.ts";
import { ground } from "./front-end.ts";

/** stunnel: ends TLS and hands the bytes on, whatever they are. It offers no protocol by ALPN. */
export async function startStunnel(place: Place, upstream: number): Promise<Aim> {
  const { ports, tls } = await ground(place, "stunnel");
  const path = place.write(
    "stunnel.conf",
    `foreground = yes
pid =
syslog = no
[bot]
accept = 127.0.0.1:${ports.h1}
connect = 127.0.0.1:${upstream}
cert = ${tls.cert}
key = ${tls.key}
`,
  );
  await place.run("stunnel", ["stunnel4", path], [ports.h1]);
  return { ports };
}
