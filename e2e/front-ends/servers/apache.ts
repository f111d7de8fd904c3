import type { Place } from "#e2e/front-ends/place.ts";
import { type FrontEnd, type Ground, ground } from "./front-end.ts";

const modules = [
  "mpm_event",
  "authz_core",
  "authz_host",
  "unixd",
  "ssl",
  "socache_shmcb",
  "http2",
  "proxy",
  "proxy_http",
  "mime",
  "dir",
  "headers",
  "rewrite",
  "alias",
  "reqtimeout",
  "setenvif",
];
// Compiled into Debian's server.
const builtIn = new Set(["unixd"]);

/** Apache with the event module, `body` in a virtual host for plain, one for TLS and one for TLS with HTTP/2. */
export async function startApache(
  place: Place,
  { body, more = "", tls: tlsMore = "" }: { body: string; more?: string; tls?: string },
  on?: Ground,
): Promise<FrontEnd> {
  const { ports, tls } = on ?? (await ground(place, "apache"));
  const secure = `SSLEngine on
  SSLCertificateFile ${tls.cert}
  SSLCertificateKeyFile ${tls.key}
  ${tlsMore}`;
  const host = (port: number, protocols: string, inside: string) => `Listen 127.0.0.1:${port}
<VirtualHost 127.0.0.1:${port}>
  Protocols ${protocols}
  ${inside}
  ${body}
</VirtualHost>`;
  const configuration = `ServerRoot ${place.folder}
ServerName bot.test
PidFile ${place.folder}/apache.pid
DefaultRuntimeDir ${place.folder}
Mutex file:${place.folder} default
ErrorLog /dev/stderr
LogLevel warn
${modules
  .filter((name) => !builtIn.has(name))
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  .join("\n")}
TypesConfig /etc/mime.types
${more}
${host(ports.plain, "http/1.1", "")}
${host(ports.h1, "http/1.1", secure)}
${host(ports.h2, "h2 http/1.1", secure)}
`;
  const path = place.write("apache.conf", configuration);
  const process = await place.run(
    "apache2",
    ["apache2", "-D", "FOREGROUND", "-f", path],
    Object.values(ports),
  );
  return { ports, process, reload: () => process.signal("SIGUSR1") };
}

export function apacheProxy(upstream: number): string {
  return `ProxyPass / http://127.0.0.1:${upstream}/
  ProxyPassReverse / http://127.0.0.1:${upstream}/`;
}
