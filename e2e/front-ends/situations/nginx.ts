import { startBot, startMailServer } from "#e2e/front-ends/bots/answering-bot.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { nginxProxy, startNginx } from "#e2e/front-ends/servers/nginx.ts";
import { failingChannel } from "./channel-views.ts";
import {
  both,
  closed,
  delivered,
  malformed,
  noAnswer,
  reset,
  type Situation,
  status,
} from "./situation.ts";

const programs = ["nginx"] as const;

export const nginxSituations: readonly Situation[] = [
  {
    programs,
    what: "the bot server is down",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => startNginx(place, { server: nginxProxy(await ownPort()) }),
  },
  {
    programs,
    what: "the bot server closes without an answer",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => ({
      ...(await startNginx(place, { server: nginxProxy(await startBot(place)) })),
      path: "/crash",
    }),
  },
  {
    programs,
    what: "`proxy_pass` points at a server that does not speak HTTP",
    expected: both(malformed("proxy_points_at_no_web_server")),
    start: async (place) => startNginx(place, { server: nginxProxy(await startMailServer(place)) }),
  },
  {
    programs,
    what: "the bot server does not answer",
    expected: both(noAnswer("never_answers")),
    start: async (place) => ({
      ...(await startNginx(place, { server: nginxProxy(await startBot(place)) })),
      path: "/hang",
      channel: failingChannel("Request timeout"),
    }),
  },
  {
    programs,
    what: "the bot server does not answer within `proxy_read_timeout 1s`",
    expected: both(status(504, "bot_slow_behind_proxy")),
    start: async (place) => ({
      ...(await startNginx(place, {
        server: nginxProxy(await startBot(place), "proxy_read_timeout 1s;"),
      })),
      path: "/hang",
    }),
  },
  {
    programs,
    what: "`return 444` for this host name or path",
    expected: { h1: closed("dropped_by_rule"), h2: reset("dropped_by_rule") },
    start: async (place) => ({
      ...(await startNginx(place, { server: "return 444;" })),
      channel: failingChannel("Session closed unexpectedly"),
    }),
  },
  {
    programs,
    what: "`limit_req`, on the second webhook within a minute",
    expected: both(status(503, "perhaps_rate_limited")),
    start: async (place) => ({
      ...(await startNginx(place, {
        http: "limit_req_zone $server_port zone=hooks:1m rate=1r/m;",
        server: nginxProxy(await startBot(place), "limit_req zone=hooks;"),
      })),
      earlier: ["/ok"],
    }),
  },
  {
    programs,
    what: "a folder of static files",
    expected: both(status(405, "static_site")),
    start: async (place) => {
      const root = place.subfolder("site");
      place.write("site/index.html", "<!doctype html><title>Shop</title>");
      return { ...(await startNginx(place, { server: `root ${root};` })), path: "/" };
    },
  },
  {
    programs,
    what: "no route for the path",
    expected: both(status(404, "path_unknown_to_web_server")),
    start: async (place) =>
      startNginx(place, {
        server: "location = /webhook { return 200; } location / { return 404; }",
      }),
  },
  {
    programs,
    what: "`deny all`",
    expected: both(status(403, "blocked_by_rule")),
    start: async (place) => startNginx(place, { server: "location / { deny all; }" }),
  },
  {
    programs,
    what: "`auth_basic`",
    expected: both(status(401, "sign_in_demanded")),
    start: async (place) => {
      const users = place.write("users", "bot:{PLAIN}secret\n");
      const guard = `auth_basic "Staff"; auth_basic_user_file ${users};`;
      return startNginx(place, { server: nginxProxy(await ownPort(), guard) });
    },
  },
  {
    programs,
    what: "a body larger than `client_max_body_size`",
    expected: both(status(413, "body_too_large")),
    start: async (place) => ({
      ...(await startNginx(place, {
        server: nginxProxy(await startBot(place), "client_max_body_size 10k;"),
      })),
      request: { body: Buffer.alloc(20_000, " ") },
    }),
  },
  {
    programs,
    what: "a redirect from HTTP to HTTPS",
    expected: { plain: status(301, "redirect_elsewhere") },
    start: async (place) => startNginx(place, { server: "return 301 https://$host$request_uri;" }),
  },
  {
    programs,
    what: "a maintenance page",
    expected: both(status(503, "maintenance")),
    start: async (place) => {
      place.subfolder("site");
      place.write("site/maintenance.html", "<!doctype html><p>Down for maintenance</p>");
      const server = `root ${place.folder}/site;
    error_page 503 /maintenance.html;
    location = /maintenance.html { internal; }
    location / { return 503; }`;
      return startNginx(place, { server });
    },
  },
  {
    programs,
    what: "the bot server is down, and `error_page 502 =200` serves a page of your own",
    expected: both(delivered("web_page")),
    start: async (place) => {
      place.subfolder("site");
      place.write("site/sorry.html", "<!doctype html><p>Sorry</p>");
      const server = `error_page 502 =200 /sorry.html;
    location = /sorry.html { root ${place.folder}/site; }
    ${nginxProxy(await ownPort())}`;
      return startNginx(place, { server });
    },
  },
  {
    programs,
    what: "a header configured over several lines",
    expected: both(delivered()),
    start: async (place) =>
      startNginx(place, {
        server: `add_header Content-Security-Policy "default-src 'self';
      img-src *" always;
    location / { return 200 "OK"; }`,
      }),
  },
  {
    programs,
    what: "plain HTTP sent to the TLS port",
    expected: { h1: status(400, "http_sent_to_tls_port") },
    start: async (place) => ({
      ...(await startNginx(place, { server: nginxProxy(await startBot(place)) })),
      scheme: "http",
    }),
  },
  ...botAnswers(),
];

/** Answers of the bot server that nginx passes on as they are. */
function botAnswers(): Situation[] {
  const rows = [
    [
      "a bot server that answers every webhook with 500",
      "/error",
      status(500, "handler_fails_always"),
    ],
    [
      "a Koa, Hono or polka program without a route for the path",
      "/not-found",
      status(404, "handler_gave_no_answer"),
    ],
    [
      "a bot server that asks people to sign in first",
      "/sign-in",
      status(302, "redirect_to_sign_in"),
    ],
    ["a bot server whose path has moved", "/moved", status(301, "redirect_elsewhere")],
    ["a bot server under maintenance", "/maintenance", status(503, "maintenance")],
    ["a maintenance page in Shift_JIS", "/shift-jis", status(503, "maintenance")],
    ["a compressed error page", "/gzip", status(500, "handler_fails_always")],
    ["a bot server with a rate limit", "/too-many", status(429, "rate_limited")],
    ["a bot server that answers with a web page", "/html", delivered("web_page")],
  ] as const;
  return rows.map(([what, path, expected]) => ({
    programs,
    what,
    expected: both(expected),
    start: async (place) => ({
      ...(await startNginx(place, { server: nginxProxy(await startBot(place)) })),
      path,
      channel: failingChannel(path === "/error" || path === "/gzip" ? "500" : "", {
        since: "lately",
      }),
    }),
  }));
}
