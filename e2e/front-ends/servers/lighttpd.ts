import type { Place } from "#e2e/front-ends/place.ts";
import { type FrontEnd, type Ground, ground } from "./front-end.ts";

export type LighttpdOptions = {
  body: string;
  modules?: readonly string[];
  /** Added to the lines for TLS. */
  tls?: string;
};

/** lighttpd with `body`: one for HTTP/1.1 and one for HTTP/2, which is on or off for a whole process. */
export async function startLighttpd(
  place: Place,
  options: LighttpdOptions,
  on?: Ground,
): Promise<FrontEnd> {
  const base = on ?? (await ground(place, "lighttpd"));
  const { ports } = base;
  const [http1, process] = await Promise.all([
    start(place, base, options, "h1", `server.port = ${ports.plain}`),
    // A port is a must: this process has the secure one only.
    start(place, base, options, "h2", `server.port = ${ports.h2}`),
  ]);
  const reload = () => {
    http1.signal("SIGUSR1");
    process.signal("SIGUSR1");
  };
  return { ports, process, reload };
}

function start(
  place: Place,
  { ports, tls }: Ground,
  { body, modules = [], tls: tlsMore = "" }: LighttpdOptions,
  protocol: "h1" | "h2",
  port: string,
) {
  const name = `lighttpd-${protocol}`;
  const secure = `ssl.engine = "enable"
ssl.pemfile = "${tls.cert}"
ssl.privkey = "${tls.key}"
${tlsMore}`;
  const path = place.write(
    `${name}.conf`,
    `server.modules = (${["mod_openssl", ...modules].map((module) => `"${module}"`).join(", ")})
server.feature-flags = ("server.h2proto" => "${protocol === "h2" ? "enable" : "disable"}")
server.document-root = "${place.subfolder("lighttpd-root")}"
server.upload-dirs = ("${place.subfolder("lighttpd-uploads")}")
server.bind = "127.0.0.1"
server.errorlog = "/dev/stderr"
${port}
${protocol === "h2" ? secure : `$SERVER["socket"] == "127.0.0.1:${ports.h1}" {\n${secure}\n}`}
${body}
`,
  );
  const listening = protocol === "h2" ? [ports.h2] : [ports.h1, ports.plain];
  return place.run(name, ["lighttpd", "-D", "-f", path], listening);
}

export function lighttpdProxy(upstream: number): LighttpdOptions {
  return {
    modules: ["mod_proxy"],
    body: `proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${upstream})))`,
  };
}
