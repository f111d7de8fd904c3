import type { Place } from "#e2e/front-ends/place.ts";
import { type FrontEnd, type Ground, ground } from "./front-end.ts";

/** nghttpx in front of `upstream`: one for HTTP/1.1 and one for HTTP/2, as it has one list of protocols for all ports. */
export async function startNghttpx(
  place: Place,
  { upstream, options = [] }: { upstream: number; options?: readonly string[] },
  on?: Ground,
): Promise<FrontEnd> {
  const { ports, tls } = on ?? (await ground(place, "nghttpx"));
  const start = (
    name: string,
    protocols: string,
    frontends: readonly string[],
    listening: number[],
  ) =>
    place.run(
      name,
      [
        "nghttpx",
        "--conf=/dev/null",
        "--workers=1",
        `--pid-file=${place.folder}/${name}.pid`,
        `--backend=127.0.0.1,${upstream}`,
        ...frontends.map((frontend) => `--frontend=127.0.0.1,${frontend}`),
        `--npn-list=${protocols}`,
        "--accesslog-file=/dev/null",
        "--errorlog-file=/dev/stderr",
        ...options,
        tls.key,
        tls.cert,
      ],
      listening,
    );
  const [http1, process] = await Promise.all([
    start(
      "nghttpx-h1",
      "http/1.1",
      [`${ports.h1}`, `${ports.plain};no-tls`],
      [ports.h1, ports.plain],
    ),
    start("nghttpx-h2", "h2,http/1.1", [`${ports.h2}`], [ports.h2]),
  ]);
  const reload = () => {
    http1.signal("SIGHUP");
    process.signal("SIGHUP");
  };
  return { ports, process, reload };
}
