import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";

/** puma over plain http with a Rack program; gives its port. */
export async function startPuma(place: Place, options: readonly string[] = []): Promise<number> {
  const port = await ownPort();
  const path = place.write(
    "config.ru",
    `run(lambda do |env|
  env["rack.input"].read
  raise KeyError, "key not found: events" if env["PATH_INFO"] == "/raise"
  [200, { "content-type" => "text/plain" }, ["OK"]]
end)
`,
  );
  await place.run(
    "puma",
    ["puma", "--config", "/dev/null", "--bind", `tcp://127.0.0.1:${port}`, ...options, path],
    [port],
  );
  return port;
}
