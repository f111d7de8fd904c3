import type { Place } from "#e2e/front-ends/place.ts";
import { type FrontEnd, type Ground, ground, portsIn } from "./front-end.ts";

export type NginxOptions = {
  /** Inside `http`, before the server. */
  http?: string;
  /** Inside the one `server`. */
  server: string;
  /** Added to both TLS `listen` lines. */
  listen?: string;
  /** Takes the place of the whole server block. */
  servers?: (ground: Ground) => string;
};

/** nginx with a worker process, over `server`. */
export async function startNginx(
  place: Place,
  options: NginxOptions,
  on?: Ground,
): Promise<FrontEnd> {
  const base = on ?? (await ground(place, "nginx"));
  const { ports, tls } = base;
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${place.subfolder(`nginx-${kind}`)};`)
    .join("\n");
  const servers =
    options.servers?.(base) ??
    `server {
    listen 127.0.0.1:${ports.plain};
    listen 127.0.0.1:${ports.h1} ssl;
    listen 127.0.0.1:${ports.h2} ssl http2;
    server_name _;
    ssl_certificate ${tls.cert};
    ssl_certificate_key ${tls.key};
    ${options.server}
  }`;
  const configuration = `daemon off;
worker_processes 1;
pid ${place.folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  ${scratch}
  ${options.http ?? ""}
  ${servers}
}
`;
  const path = place.write("nginx.conf", configuration);
  const process = await place.run(
    "nginx",
    ["nginx", "-p", place.folder, "-e", "stderr", "-c", path],
    portsIn(configuration, ports),
  );
  return { ports, process, reload: () => process.signal("SIGHUP") };
}

/** Hands every request on to a bot server. */
export function nginxProxy(upstream: number, more = ""): string {
  return `location / {
      proxy_pass http://127.0.0.1:${upstream};
      proxy_set_header Host $host;
      ${more}
    }`;
}
