import type { Place } from "#e2e/front-ends/place.ts";
import { freePorts, ownPort } from "#e2e/front-ends/ports.ts";
import { ground } from "#e2e/front-ends/servers/front-end.ts";
import { nginxProxy, startNginx } from "#e2e/front-ends/servers/nginx.ts";
import { phpLocation, startPhp } from "#e2e/front-ends/servers/php.ts";
import { startPuma } from "#e2e/front-ends/servers/puma.ts";
import { startGunicorn, startHypercorn, startUvicorn } from "#e2e/front-ends/servers/python.ts";
import { failingChannel, healthyChannel } from "./channel-views.ts";
import {
  both,
  delivered,
  noAnswer,
  plainPort,
  type Situation,
  silentHandshake,
  status,
  untilSilent,
} from "./situation.ts";

/** The same port for every way: what is spoken there does not depend on what we wish for. */
const onePort = (port: number) => ({ ports: { plain: port, h1: port, h2: port } });

async function php(place: Place, script: string, more = "") {
  const path = place.write("webhook.php", script);
  return startNginx(place, { server: phpLocation(await startPhp(place, more), path) });
}

async function hypercorn(place: Place) {
  const { tls } = await ground(place, "hypercorn");
  const h1 = await startHypercorn(place, { tls, protocols: ["http/1.1"] });
  const h2 = await startHypercorn(place, { tls, protocols: ["h2", "http/1.1"] });
  return { ports: { ...(await freePorts()), h1, h2 } };
}

/** What bot servers are written with, directly or behind nginx. */
export const programSituations: readonly Situation[] = [
  {
    programs: ["php", "nginx"],
    what: "behind nginx, not running",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => startNginx(place, { server: phpLocation(await ownPort(), "/x.php") }),
  },
  {
    programs: ["php", "nginx"],
    what: "behind nginx, the script is not where nginx says",
    expected: both(status(404, "path_unknown_to_web_server")),
    start: async (place) =>
      startNginx(place, { server: phpLocation(await startPhp(place), `${place.folder}/none.php`) }),
  },
  {
    programs: ["php", "nginx"],
    what: "behind nginx, the script fails",
    expected: both(status(500, "handler_fails_always")),
    start: async (place) => ({
      ...(await php(place, "<?php\n$events = json_decode('[]')->events->first;\nmissing();\n")),
      channel: failingChannel("500", { since: "lately" }),
    }),
  },
  {
    programs: ["php", "nginx"],
    what: "behind nginx, the script fails with `display_errors` on: it answers 200",
    expected: both(delivered("program_error")),
    start: async (place) =>
      php(place, "<?php\nmissing();\n", "php_admin_value[display_errors] = 1"),
  },
  {
    programs: ["php", "nginx"],
    what: "behind nginx, a body larger than `post_max_size`: `php://input` has it anyway",
    expected: both(delivered()),
    start: async (place) => ({
      ...(await php(place, "<?php\necho 'OK';\n", "php_admin_value[post_max_size] = 1K")),
      request: { body: Buffer.alloc(20_000, " ") },
    }),
  },
  {
    programs: ["php", "nginx"],
    what: "behind nginx, the script runs longer than `request_terminate_timeout = 1s`",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => php(place, "<?php\nsleep(10);\n", "request_terminate_timeout = 1s"),
  },
  {
    programs: ["gunicorn", "nginx"],
    what: "behind nginx, the program answers 200 without reading a large body: sometimes 502",
    expected: both(status(502, "body_not_read")),
    start: async (place) => ({
      ...(await startNginx(place, { server: nginxProxy(await startGunicorn(place)) })),
      path: "/unread",
      request: { body: Buffer.alloc(250_000, " ") },
      channel: healthyChannel(),
      repeat: { until: "error_status_code / 502", timesMax: 400 },
    }),
  },
  {
    programs: ["gunicorn", "nginx"],
    what: "behind nginx, the worker dies while handling the webhook",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => ({
      ...(await startNginx(place, {
        server: nginxProxy(await startGunicorn(place, ["--workers", "2"])),
      })),
      path: "/exit",
    }),
  },
  {
    programs: ["gunicorn"],
    what: "the program raises an exception",
    expected: { plain: status(500, "handler_fails_always") },
    start: async (place) => ({
      ...onePort(await startGunicorn(place)),
      path: "/raise",
      channel: failingChannel("500", { since: "lately" }),
    }),
  },
  {
    programs: ["gunicorn"],
    what: "HTTPS sent to the plain port",
    expected: { h1: silentHandshake("accepted_then_silent") },
    start: async (place) => ({ ...onePort(await startGunicorn(place)), repeat: untilSilent }),
  },
  {
    programs: ["gunicorn"],
    what: "the only worker is busy with another request",
    expected: { plain: noAnswer("never_answers") },
    start: async (place) => ({
      ...onePort(await startGunicorn(place)),
      path: "/slow",
      channel: failingChannel("Request timeout"),
    }),
  },
  {
    programs: ["uvicorn", "nginx"],
    what: "behind nginx, the program raises an exception",
    expected: both(status(500, "handler_fails_always")),
    start: async (place) => ({
      ...(await startNginx(place, { server: nginxProxy(await startUvicorn(place)) })),
      path: "/raise",
      channel: failingChannel("500", { since: "lately" }),
    }),
  },
  {
    programs: ["uvicorn", "nginx"],
    what: "behind nginx, the program ends without answering: it answers 500",
    expected: both(status(500, "handler_fails_always")),
    start: async (place) => ({
      ...(await startNginx(place, { server: nginxProxy(await startUvicorn(place)) })),
      path: "/nothing",
      channel: failingChannel("500", { since: "lately" }),
    }),
  },
  {
    programs: ["uvicorn"],
    what: "HTTPS sent to the plain port",
    expected: { h1: plainPort() },
    start: async (place) => onePort(await startUvicorn(place)),
  },
  {
    programs: ["hypercorn"],
    what: "it works",
    expected: both(delivered()),
    start: hypercorn,
  },
  {
    programs: ["hypercorn"],
    what: "the program raises an exception",
    expected: both(status(500, "handler_fails_always")),
    start: async (place) => ({
      ...(await hypercorn(place)),
      path: "/raise",
      channel: failingChannel("500", { since: "lately" }),
    }),
  },
  {
    programs: ["puma"],
    what: "the program raises an exception",
    expected: { plain: status(500, "handler_fails_always") },
    start: async (place) => ({
      ...onePort(await startPuma(place, ["--environment", "production"])),
      path: "/raise",
      channel: failingChannel("500", { since: "lately" }),
    }),
  },
  {
    programs: ["puma"],
    what: "HTTPS sent to the plain port",
    expected: { h1: plainPort() },
    start: async (place) => onePort(await startPuma(place)),
  },
];
