import { startBot, startMailServer } from "#e2e/front-ends/bots/answering-bot.ts";
import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { startCaddy } from "#e2e/front-ends/servers/caddy.ts";
import { failingChannel } from "./channel-views.ts";
import { both, closed, delivered, reset, type Situation, status } from "./situation.ts";

const programs = ["caddy"] as const;

const proxyTo = (port: number) => `reverse_proxy 127.0.0.1:${port}`;

async function beforeBot(place: Place, path: string, more = "") {
  const body = `${more}\n  ${proxyTo(await startBot(place))}`;
  return { ...(await startCaddy(place, { body })), path };
}

export const caddySituations: readonly Situation[] = [
  {
    programs,
    what: "the bot server is down",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => startCaddy(place, { body: proxyTo(await ownPort()) }),
  },
  {
    programs,
    what: "the bot server closes without an answer",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: (place) => beforeBot(place, "/crash"),
  },
  {
    programs,
    what: "`reverse_proxy` points at a server that does not speak HTTP",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => startCaddy(place, { body: proxyTo(await startMailServer(place)) }),
  },
  {
    programs,
    what: "a folder of static files: it answers a POST with its page",
    expected: both(delivered("web_page")),
    start: async (place) => {
      const root = place.subfolder("site");
      place.write("site/index.html", "<!doctype html><title>Shop</title>");
      return { ...(await startCaddy(place, { body: `root * ${root}\n  file_server` })), path: "/" };
    },
  },
  {
    programs,
    what: "no route for the path: it answers 200 with an empty body",
    expected: both(delivered("unseen")),
    start: async (place) =>
      startCaddy(place, {
        body: `handle /webhook {\n    ${proxyTo(await startBot(place))}\n  }`,
      }),
  },
  {
    programs,
    what: "a body larger than `max_size`, with `reverse_proxy`: it answers 502, not 413",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => ({
      ...(await beforeBot(place, "/ok", "request_body {\n    max_size 10KB\n  }")),
      request: { body: Buffer.alloc(20_000, " ") },
    }),
  },
  {
    programs,
    what: "`abort` for this path",
    expected: { h1: closed("dropped_by_rule"), h2: reset("dropped_by_rule") },
    start: async (place) => ({
      ...(await startCaddy(place, { body: "abort" })),
      channel: failingChannel("Session closed unexpectedly"),
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
    what: "the bot server does not answer within `response_header_timeout 1s`",
    expected: both(status(504, "bot_slow_behind_proxy")),
    start: async (place) => {
      const port = await startBot(place);
      const body = `reverse_proxy 127.0.0.1:${port} {
    transport http {
      response_header_timeout 1s
    }
  }`;
      return { ...(await startCaddy(place, { body })), path: "/hang" };
    },
  },
];
