import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { serverEnv } from "#e2e/front-ends/process.ts";
import { type FrontEnd, type Ground, ground } from "./front-end.ts";

/** Caddy with `body` in a site for each port. */
export async function startCaddy(
  place: Place,
  { body, tls: tlsMore = "", names = [""] }: { body: string; tls?: string; names?: string[] },
  on?: Ground,
): Promise<FrontEnd> {
  const { ports, tls } = on ?? (await ground(place, "caddy"));
  const admin = await ownPort();
  const site = (address: string, inside: string) => `${address} {
  bind 127.0.0.1
  ${inside}
  ${body}
}`;
  const secure = `tls ${tls.cert} ${tls.key} {
    ${tlsMore}
  }`;
  const configuration = `{
  admin 127.0.0.1:${admin}
  auto_https off
  storage file_system ${place.subfolder("caddy")}
  grace_period 10s
  servers 127.0.0.1:${ports.h1} {
    protocols h1
  }
  servers 127.0.0.1:${ports.h2} {
    protocols h1 h2
  }
}
${site(`http://:${ports.plain}`, "")}
${names.map((name) => site(`https://${name}:${ports.h1}`, secure)).join("\n")}
${names.map((name) => site(`https://${name}:${ports.h2}`, secure)).join("\n")}
`;
  const path = place.write("Caddyfile", configuration);
  const config = ["--config", path, "--adapter", "caddyfile"];
  const process = await place.run("caddy", ["caddy", "run", ...config], Object.values(ports));
  const reload = async () => {
    const address = ["--address", `127.0.0.1:${admin}`];
    // Without --force it does nothing about a configuration that has not changed.
    await promisify(execFile)("caddy", ["reload", "--force", ...config, ...address], {
      env: { ...serverEnv(), HOME: place.folder },
    });
  };
  return { ports, process, reload };
}
