import type { Place } from "#e2e/front-ends/place.ts";
import { type FrontEnd, type Ground, ground } from "./front-end.ts";

export type HaproxyOptions = {
  /** Lines of the one frontend. */
  frontend?: string;
  /** Lines of the one backend. */
  backend: string;
  mode?: "http" | "tcp";
  /** Added to both TLS `bind` lines. */
  bind?: string;
  defaults?: string;
};

/** HAProxy as master and worker, with the time-outs of its own documentation's example. */
export async function startHaproxy(
  place: Place,
  options: HaproxyOptions,
  on?: Ground,
): Promise<FrontEnd> {
  const { ports, tls } = on ?? (await ground(place, "haproxy"));
  const { mode = "http", bind = "" } = options;
  const secure = (port: number, alpn: string) =>
    `bind 127.0.0.1:${port} ssl crt ${tls.both} alpn ${alpn} ${bind}`;
  const binds =
    mode === "tcp"
      ? [ports.plain, ports.h1, ports.h2].map((port) => `bind 127.0.0.1:${port}`)
      : [
          `bind 127.0.0.1:${ports.plain}`,
          secure(ports.h1, "http/1.1"),
          secure(ports.h2, "h2,http/1.1"),
        ];
  const path = place.write(
    "haproxy.cfg",
    `global
  log stderr format raw local0 notice
  hard-stop-after 30s
defaults
  log global
  mode ${mode}
  timeout connect 5s
  timeout client 50s
  timeout server 50s
  ${options.defaults ?? ""}
frontend front
  ${binds.join("\n  ")}
  ${options.frontend ?? ""}
  default_backend back
backend back
  ${options.backend}
`,
  );
  const process = await place.run(
    "haproxy",
    ["haproxy", "-W", "-db", "-f", path],
    Object.values(ports),
  );
  return { ports, process, reload: () => process.signal("SIGUSR2") };
}
