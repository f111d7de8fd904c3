import { startBot, startMailServer } from "#e2e/front-ends/bots/answering-bot.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { h2oProxy, startH2o } from "#e2e/front-ends/servers/h2o.ts";
import { type Expected, reset, type Situation, status } from "./situation.ts";

const programs = ["h2o"] as const;

const twice = (expected: Expected) => ({ plain: expected, h2: expected });

export const h2oSituations: readonly Situation[] = [
  {
    programs,
    what: "the bot server is down",
    expected: twice(status(502, "bot_down_behind_proxy")),
    start: async (place) => startH2o(place, { paths: h2oProxy(await ownPort()) }),
  },
  {
    programs,
    what: "the bot server closes without an answer",
    expected: twice(status(502, "bot_breaks_off_behind_proxy")),
    start: async (place) => ({
      ...(await startH2o(place, { paths: h2oProxy(await startBot(place)) })),
      path: "/crash",
    }),
  },
  {
    programs,
    what: "`proxy.reverse.url` points at a server that does not speak HTTP",
    expected: twice(status(502, "proxy_points_at_no_web_server")),
    start: async (place) => startH2o(place, { paths: h2oProxy(await startMailServer(place)) }),
  },
  {
    programs,
    what: "a folder of static files",
    expected: twice(status(405, "static_site")),
    start: async (place) => {
      const root = place.subfolder("site");
      place.write("site/index.html", "<!doctype html><title>Shop</title>");
      return {
        ...(await startH2o(place, { paths: `      /:\n        file.dir: ${root}` })),
        path: "/",
      };
    },
  },
  {
    programs,
    what: "a body larger than `limit-request-body`",
    expected: { plain: status(413, "body_too_large"), h2: reset("stream_refused") },
    start: async (place) => ({
      ...(await startH2o(place, {
        paths: h2oProxy(await startBot(place)),
        more: "limit-request-body: 10000",
      })),
      request: { body: Buffer.alloc(20_000, " ") },
    }),
  },
];
