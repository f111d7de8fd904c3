import { startBot } from "#e2e/front-ends/bots/answering-bot.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { startSquid, startVarnish } from "#e2e/front-ends/servers/caches.ts";
import { startStunnel } from "#e2e/front-ends/servers/stunnel.ts";
import { failingChannel } from "./channel-views.ts";
import {
  closed,
  delivered,
  type Situation,
  silentHandshake,
  status,
  untilSilent,
} from "./situation.ts";

/** Caches, and what ends TLS and nothing else. */
export const cacheSituations: readonly Situation[] = [
  {
    programs: ["varnish"],
    what: "the bot server is down",
    expected: { plain: status(503, "bot_down_behind_proxy") },
    start: async (place) => startVarnish(place, { upstream: await ownPort() }),
  },
  {
    programs: ["varnish"],
    what: "the bot server closes without an answer",
    expected: { plain: status(503, "bot_down_behind_proxy") },
    start: async (place) => ({
      ...(await startVarnish(place, { upstream: await startBot(place) })),
      path: "/crash",
    }),
  },
  {
    programs: ["varnish"],
    what: "a rule caches everything (`return (hash)`): the second webhook never reaches the bot",
    expected: { plain: delivered("from_cache") },
    start: async (place) => ({
      ...(await startVarnish(place, {
        upstream: await startBot(place),
        vcl: "sub vcl_recv { return (hash); }",
      })),
      earlier: ["/cached"],
      path: "/cached",
    }),
  },
  {
    programs: ["varnish"],
    what: "HTTPS sent to the plain port",
    expected: { h1: silentHandshake("accepted_then_silent") },
    start: async (place) => {
      const { ports } = await startVarnish(place, { upstream: await startBot(place) });
      return { ports: { ...ports, h1: ports.plain }, repeat: untilSilent };
    },
  },
  {
    programs: ["squid"],
    what: "the bot server is down",
    expected: { plain: status(502, "bot_down_behind_proxy") },
    start: async (place) => startSquid(place, { upstream: await ownPort() }),
  },
  {
    programs: ["squid"],
    what: "the bot server closes without an answer",
    expected: { plain: status(502, "bot_breaks_off_behind_proxy") },
    start: async (place) => ({
      ...(await startSquid(place, { upstream: await startBot(place) })),
      path: "/crash",
    }),
  },
  {
    programs: ["squid"],
    what: "a working bot server: `X-Cache: MISS`",
    expected: { plain: delivered() },
    start: async (place) => ({
      ...(await startSquid(place, { upstream: await startBot(place) })),
      earlier: ["/cached"],
      path: "/cached",
    }),
  },
  {
    programs: ["stunnel"],
    what: "the server behind it is down",
    expected: { h1: closed("nothing_behind_tls_proxy") },
    start: async (place) => ({
      ...(await startStunnel(place, await ownPort())),
      channel: failingChannel("Session closed unexpectedly", { since: "lately" }),
    }),
  },
  {
    programs: ["stunnel"],
    what: "a working bot server behind it",
    expected: { h1: delivered() },
    start: async (place) => startStunnel(place, await startBot(place)),
  },
];
