import type { Place } from "#e2e/front-ends/place.ts";
import { freePorts, type Ports } from "#e2e/front-ends/ports.ts";

/** Varnish over plain http, with `vcl` added to the rules it comes with. */
export async function startVarnish(
  place: Place,
  { upstream, vcl = "" }: { upstream: number; vcl?: string },
): Promise<{ ports: Ports }> {
  const ports = await freePorts();
  const path = place.write(
    "default.vcl",
    `vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${upstream}"; }
${vcl}
`,
  );
  await place.run(
    "varnish",
    [
      "varnishd",
      "-F",
      ...["-j", "none"],
      ...["-n", place.subfolder("varnish")],
      ...["-a", `127.0.0.1:${ports.plain}`],
      ...["-s", "malloc,16m"],
      ...["-f", path],
    ],
    [ports.plain],
  );
  return { ports };
}

/** Squid in front of one bot server (`accel`). */
export async function startSquid(
  place: Place,
  { upstream }: { upstream: number },
): Promise<{ ports: Ports }> {
  const ports = await freePorts();
  const path = place.write(
    "squid.conf",
    `http_port 127.0.0.1:${ports.plain} accel defaultsite=bot.test
cache_peer 127.0.0.1 parent ${upstream} 0 no-query originserver name=bot
acl all_sites src all
http_access allow all_sites
cache_peer_access bot allow all_sites
visible_hostname squid.bot.test
cache_mem 8 MB
memory_pools off
pid_filename none
access_log none
cache_log /dev/stderr
coredump_dir ${place.folder}
netdb_filename none
shutdown_lifetime 0 seconds
pinger_enable off
`,
  );
  // Its shared memory is named after the service, and one machine may run several of these tests.
  const service = `frontend${ports.plain}`;
  await place.run("squid", ["squid", "-N", "-n", service, "-f", path], [ports.plain]);
  return { ports };
}
