import type { ProgramName } from "#e2e/front-ends/packages.ts";
import { botHost, certificates, type Place } from "#e2e/front-ends/place.ts";
import { apacheProxy, startApache } from "#e2e/front-ends/servers/apache.ts";
import { startCaddy } from "#e2e/front-ends/servers/caddy.ts";
import type { FrontEnd } from "#e2e/front-ends/servers/front-end.ts";
import { h2oProxy, startH2o } from "#e2e/front-ends/servers/h2o.ts";
import { startHaproxy } from "#e2e/front-ends/servers/haproxy.ts";
import { lighttpdProxy, startLighttpd } from "#e2e/front-ends/servers/lighttpd.ts";
import { startNghttpx } from "#e2e/front-ends/servers/nghttpx.ts";
import { nginxProxy, startNginx } from "#e2e/front-ends/servers/nginx.ts";
import { type CountingBot, type CountingBotKind, startCountingBot } from "./bot-report.ts";

/** Where a load run sends to. */
export type LoadTarget = {
  url: string;
  bot: CountingBot;
  reload: FrontEnd["reload"];
};

export type LoadCase = {
  name: string;
  program: ProgramName | null;
  protocol: "h1" | "h2";
  /** Null: as many as the command line says. */
  count: number | null;
  atOnce: number;
  start: (place: Place) => Promise<LoadTarget>;
};

const atOnceUsually = 64;

type Starter = (place: Place, upstream: number) => Promise<FrontEnd>;

const starters: Record<string, { program: ProgramName; start: Starter }> = {
  nginx: {
    program: "nginx",
    start: (place, upstream) => startNginx(place, { server: nginxProxy(upstream) }),
  },
  Apache: {
    program: "apache",
    start: (place, upstream) => startApache(place, { body: apacheProxy(upstream) }),
  },
  Caddy: {
    program: "caddy",
    start: (place, upstream) => startCaddy(place, { body: `reverse_proxy 127.0.0.1:${upstream}` }),
  },
  HAProxy: {
    program: "haproxy",
    start: (place, upstream) =>
      startHaproxy(place, { backend: `server bot 127.0.0.1:${upstream}` }),
  },
  lighttpd: {
    program: "lighttpd",
    start: (place, upstream) => startLighttpd(place, lighttpdProxy(upstream)),
  },
  H2O: {
    program: "h2o",
    start: (place, upstream) => startH2o(place, { paths: h2oProxy(upstream) }),
  },
  nghttpx: {
    program: "nghttpx",
    start: (place, upstream) => startNghttpx(place, { upstream }),
  },
};

const protocols = ["h1", "h2"] as const;

/** Each front end with the settings it comes with, over both protocols, reloaded in the middle. */
const usual: LoadCase[] = Object.entries(starters).flatMap(([name, { program, start }]) =>
  protocols.map((protocol) => ({
    name,
    program,
    protocol,
    count: null,
    atOnce: atOnceUsually,
    start: (place: Place) => behind(place, protocol, start),
  })),
);

const node: LoadCase[] = protocols.map((protocol) => ({
  name: "Node.js",
  program: null,
  protocol,
  count: null,
  atOnce: atOnceUsually,
  start: (place) => direct(place, protocol === "h1" ? "https" : "http2"),
}));

/** Servers that end connections early by their settings. */
const special: LoadCase[] = [
  nginxWith("nginx, keepalive_requests 3", "keepalive_requests 3;", 600, 8),
  nginxWith("nginx, keepalive_requests 3", "keepalive_requests 3;", 2_000, 40),
  nginxWith("nginx, keepalive_timeout 0", "keepalive_timeout 0;", 100, 8),
  nginxWith("nginx, http2_max_concurrent_streams 1", "http2_max_concurrent_streams 1;", 2_000, 64),
  {
    name: "Node.js, one request at a time",
    program: null,
    protocol: "h2",
    count: 80,
    atOnce: 80,
    start: (place) => direct(place, "one-at-a-time"),
  },
];

export const loadCases: readonly LoadCase[] = [...usual, ...node, ...special];

function nginxWith(name: string, http: string, count: number, atOnce: number): LoadCase {
  return {
    name,
    program: "nginx",
    protocol: "h2",
    count,
    atOnce,
    start: async (place) => ({
      ...(await behind(place, "h2", (inside, upstream) =>
        startNginx(inside, { http, server: nginxProxy(upstream) }),
      )),
      reload: null,
    }),
  };
}

async function behind(place: Place, protocol: "h1" | "h2", start: Starter): Promise<LoadTarget> {
  const bot = await startCountingBot(place, "http");
  const { ports, reload } = await start(place, bot.port);
  const scheme = ports[protocol] === ports.plain ? "http" : "https";
  return { url: `${scheme}://${botHost}:${ports[protocol]}/webhook`, bot, reload };
}

async function direct(place: Place, kind: CountingBotKind): Promise<LoadTarget> {
  const tls = place.identity("bot", certificates.issue({ names: [botHost] }));
  const bot = await startCountingBot(place, kind, tls);
  return { url: `https://${botHost}:${bot.port}/webhook`, bot, reload: null };
}
