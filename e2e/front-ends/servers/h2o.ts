import type { Place } from "#e2e/front-ends/place.ts";
import { type FrontEnd, type Ground, ground } from "./front-end.ts";

/**
 * H2O below its own `start_server`, which starts the next process at a reload and then ends the one before. It offers
 * HTTP/2 on every TLS port, so that its HTTP/1.1 is the plain one.
 */
export async function startH2o(
  place: Place,
  { paths, more = "" }: { paths: string; more?: string },
  on?: Ground,
): Promise<FrontEnd> {
  const { ports, tls } = on ?? (await ground(place, "h2o"));
  const path = place.write(
    "h2o.conf",
    `listen:
  host: 127.0.0.1
  port: ${ports.plain}
listen:
  host: 127.0.0.1
  port: ${ports.h2}
  ssl:
    certificate-file: ${tls.cert}
    key-file: ${tls.key}
num-threads: 1
error-log: /dev/stderr
pid-file: ${place.folder}/h2o.pid
${more}
hosts:
  default:
    paths:
${paths}
`,
  );
  const process = await place.run(
    "h2o",
    ["h2o", "-m", "master", "-c", path],
    [ports.plain, ports.h2],
  );
  return {
    ports: { ...ports, h1: ports.plain },
    process,
    reload: () => process.signal("SIGHUP"),
  };
}

export function h2oProxy(upstream: number): string {
  return `      /:
        proxy.reverse.url: http://127.0.0.1:${upstream}/
        proxy.preserve-host: ON`;
}
