import { startBot, startMailServer } from "#e2e/front-ends/bots/answering-bot.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { lighttpdProxy, startLighttpd } from "#e2e/front-ends/servers/lighttpd.ts";
import { both, delivered, type Situation, status } from "./situation.ts";

const programs = ["lighttpd"] as const;

export const lighttpdSituations: readonly Situation[] = [
  {
    programs,
    what: "the bot server is down",
    expected: both(status(503, "bot_down_behind_proxy")),
    start: async (place) => startLighttpd(place, lighttpdProxy(await ownPort())),
  },
  {
    programs,
    what: "the bot server closes without an answer",
    expected: both(status(500, "bot_breaks_off_behind_proxy")),
    start: async (place) => ({
      ...(await startLighttpd(place, lighttpdProxy(await startBot(place)))),
      path: "/crash",
    }),
  },
  {
    programs,
    what: "`proxy.server` points at a server that does not speak HTTP",
    expected: both(status(502, "proxy_points_at_no_web_server")),
    start: async (place) => startLighttpd(place, lighttpdProxy(await startMailServer(place))),
  },
  {
    programs,
    what: "a folder of static files: it answers a POST with its page",
    expected: both(delivered("web_page")),
    start: async (place) => {
      place.subfolder("lighttpd-root");
      place.write("lighttpd-root/index.html", "<!doctype html><title>Shop</title>");
      const body = 'index-file.names = ("index.html")\nmimetype.assign = (".html" => "text/html")';
      return { ...(await startLighttpd(place, { body })), path: "/" };
    },
  },
  {
    programs,
    what: "a body larger than `server.max-request-size`",
    expected: both(status(413, "body_too_large")),
    start: async (place) => {
      const { modules = [], body } = lighttpdProxy(await startBot(place));
      return {
        ...(await startLighttpd(place, { modules, body: `${body}\nserver.max-request-size = 10` })),
        request: { body: Buffer.alloc(20_000, " ") },
      };
    },
  },
];
