import {
  startBot,
  startMailServer,
  startSilentServer,
} from "#e2e/front-ends/bots/answering-bot.ts";
import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { type HaproxyOptions, startHaproxy } from "#e2e/front-ends/servers/haproxy.ts";
import { failingChannel } from "./channel-views.ts";
import {
  both,
  closed,
  delivered,
  noAnswer,
  reset,
  type Situation,
  silentHandshake,
  status,
} from "./situation.ts";

const programs = ["haproxy"] as const;

/** Before a bot server that behaves as the path says. */
async function beforeBot(
  place: Place,
  path: string,
  options: Omit<HaproxyOptions, "backend"> = {},
) {
  const backend = `server bot 127.0.0.1:${await startBot(place)}`;
  return { ...(await startHaproxy(place, { ...options, backend })), path };
}

async function beforeNobody(
  place: Place,
  options: Omit<HaproxyOptions, "backend"> = {},
  more = "",
) {
  const backend = `server bot 127.0.0.1:${await ownPort()} ${more}`;
  return startHaproxy(place, { ...options, backend });
}

export const haproxySituations: readonly Situation[] = [
  {
    programs,
    what: "the bot server is down: HAProxy tries for 3 s before it answers 503",
    expected: {
      ...both(noAnswer("stopped_behind_haproxy")),
      plain: noAnswer("stopped_behind_haproxy"),
    },
    start: async (place) => ({
      ...(await beforeNobody(place)),
      channel: { ...failingChannel("Request timeout"), hasSeenHaproxy: true },
    }),
  },
  {
    programs,
    what: "the bot server is down, with `retries 0`",
    expected: both(status(503, "bot_down_behind_proxy")),
    start: (place) => beforeNobody(place, { defaults: "retries 0" }),
  },
  {
    programs,
    what: "the bot server is down, and a health check (`check`) knows",
    expected: both(status(503, "bot_down_behind_proxy")),
    start: async (place) => ({
      ...(await beforeNobody(place, {}, "check inter 20 fall 1")),
      earlier: ["/ok"],
    }),
  },
  {
    programs,
    what: "the bot server is down, with `mode tcp`",
    expected: { h1: silentHandshake("accepted_then_silent"), plain: noAnswer("never_answers") },
    start: async (place) => ({
      ...(await beforeNobody(place, { mode: "tcp" })),
      channel: failingChannel("Request timeout"),
    }),
  },
  {
    programs,
    what: "the bot server closes without an answer, on a connection's first webhook",
    expected: { h1: status(502, "bot_breaks_off_behind_proxy"), h2: reset("stream_refused") },
    start: (place) => beforeBot(place, "/crash"),
  },
  {
    programs,
    what: "the bot server closes without an answer, on a later webhook of a connection: sent again, then reported",
    expected: { h1: status(502, "bot_breaks_off_behind_proxy"), h2: reset("stream_refused") },
    start: async (place) => ({ ...(await beforeBot(place, "/crash")), earlier: ["/ok"] }),
  },
  {
    programs,
    what: "`server` points at a server that does not speak HTTP",
    expected: both(status(502, "bot_breaks_off_behind_proxy")),
    start: async (place) =>
      startHaproxy(place, { backend: `server bot 127.0.0.1:${await startMailServer(place)}` }),
  },
  {
    programs,
    what: "the bot server does not answer within `timeout server 1s`",
    expected: both(status(504, "bot_slow_behind_proxy")),
    start: (place) => beforeBot(place, "/hang", { defaults: "timeout server 1s" }),
  },
  {
    programs,
    what: "`http-request silent-drop`",
    expected: { h1: closed("dropped_by_rule"), h2: reset("stream_refused") },
    start: async (place) => ({
      ...(await beforeBot(place, "/ok", { frontend: "http-request silent-drop" })),
      channel: failingChannel("Session closed unexpectedly"),
    }),
  },
  {
    programs,
    what: "`http-request reject`",
    expected: { h1: closed("dropped_by_rule"), h2: reset("dropped_by_rule") },
    start: async (place) => ({
      ...(await beforeBot(place, "/ok", { frontend: "http-request reject" })),
      channel: failingChannel("Session closed unexpectedly"),
    }),
  },
  {
    programs,
    what: "`http-request deny`",
    expected: both(status(403, "blocked_by_rule")),
    start: (place) => beforeBot(place, "/ok", { frontend: "http-request deny" }),
  },
  {
    programs,
    what: "`http-request tarpit` with `timeout tarpit 10s`",
    expected: both(noAnswer("never_answers")),
    start: async (place) => ({
      ...(await beforeBot(place, "/ok", {
        frontend: "timeout tarpit 10s\n  http-request tarpit",
      })),
      channel: failingChannel("Request timeout"),
    }),
  },
  {
    programs,
    what: "too many requests: `http-request deny deny_status 429`",
    expected: both(status(429, "rate_limited")),
    start: (place) => beforeBot(place, "/ok", { frontend: "http-request deny deny_status 429" }),
  },
  {
    programs,
    what: "`maxconn` is reached, and further webhooks wait in the queue",
    expected: both(noAnswer("never_answers")),
    start: async (place) => ({
      ...(await startHaproxy(place, {
        backend: `server bot 127.0.0.1:${await startSilentServer(place)} maxconn 1`,
      })),
      channel: failingChannel("Request timeout"),
    }),
  },
  {
    programs,
    what: "a working bot server",
    expected: { ...both(delivered()), plain: delivered() },
    start: (place) => beforeBot(place, "/ok"),
  },
];
