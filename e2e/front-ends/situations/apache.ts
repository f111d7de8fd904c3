import { startBot, startMailServer } from "#e2e/front-ends/bots/answering-bot.ts";
import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { apacheProxy, startApache } from "#e2e/front-ends/servers/apache.ts";
import { failingChannel } from "./channel-views.ts";
import { both, delivered, noAnswer, type Situation, status } from "./situation.ts";

const programs = ["apache"] as const;

async function beforeBot(place: Place, path: string, more = "") {
  const body = `${more}\n  ${apacheProxy(await startBot(place))}`;
  return { ...(await startApache(place, { body })), path };
}

function site(place: Place, more = ""): string {
  const root = place.subfolder("site");
  place.write("site/index.html", "<!doctype html><title>Shop</title>");
  return `DocumentRoot ${root}
  <Directory ${root}>
    Require all granted
    ${more}
  </Directory>`;
}

const brokenOff = {
  h1: status(502, "bot_breaks_off_behind_proxy"),
  // mod_http2 has no answer of its own for what mod_proxy makes of it.
  h2: status(500, "bot_breaks_off_behind_proxy"),
};

export const apacheSituations: readonly Situation[] = [
  {
    programs,
    what: "the bot server is down",
    expected: both(status(503, "bot_down_behind_proxy")),
    start: async (place) => startApache(place, { body: apacheProxy(await ownPort()) }),
  },
  {
    programs,
    what: "the bot server closes without an answer, on a connection's first webhook",
    expected: brokenOff,
    start: (place) => beforeBot(place, "/crash"),
  },
  {
    programs,
    what: "the bot server closes without an answer, on a later webhook of a connection: sent again, then reported",
    expected: brokenOff,
    start: async (place) => ({ ...(await beforeBot(place, "/crash")), earlier: ["/ok"] }),
  },
  {
    programs,
    what: "`ProxyPass` points at a server that does not speak HTTP: its output becomes the body of a 200",
    expected: both(delivered("not_http")),
    start: async (place) => startApache(place, { body: apacheProxy(await startMailServer(place)) }),
  },
  {
    programs,
    what: "the bot server does not answer within `ProxyTimeout 1`",
    expected: both(status(502, "bot_breaks_off_behind_proxy")),
    start: (place) => beforeBot(place, "/hang", "ProxyTimeout 1"),
  },
  {
    programs,
    what: "the bot server does not answer",
    expected: both(noAnswer("never_answers")),
    start: async (place) => ({
      ...(await beforeBot(place, "/hang")),
      channel: failingChannel("Request timeout"),
    }),
  },
  {
    programs,
    what: "a folder of static files: it answers a POST with its page",
    expected: both(delivered("web_page")),
    start: async (place) => ({ ...(await startApache(place, { body: site(place) })), path: "/" }),
  },
  {
    programs,
    what: "a path that does not exist in a folder of static files",
    expected: both(status(404, "path_unknown_to_web_server")),
    start: async (place) => startApache(place, { body: site(place) }),
  },
  {
    programs,
    what: "`Require all denied`",
    expected: both(status(403, "blocked_by_rule")),
    start: async (place) =>
      startApache(place, { body: "<Location />\n    Require all denied\n  </Location>" }),
  },
  {
    programs,
    what: "a body larger than `LimitRequestBody`, with `ProxyPass`: passed on anyway",
    expected: both(delivered()),
    start: async (place) => ({
      ...(await beforeBot(place, "/ok", "<Location />\n    LimitRequestBody 10000\n  </Location>")),
      request: { body: Buffer.alloc(20_000, " ") },
    }),
  },
  {
    programs,
    what: "plain HTTP sent to the TLS port",
    expected: { h1: status(400, "http_sent_to_tls_port") },
    start: async (place) => ({ ...(await beforeBot(place, "/ok")), scheme: "http" }),
  },
  {
    programs,
    what: "a redirect to the www host",
    expected: both(status(301, "redirect_elsewhere")),
    start: async (place) =>
      startApache(place, { body: "Redirect permanent / https://www.bot.test/" }),
  },
];
