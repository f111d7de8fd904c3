import type { LikelyCause } from "./schema.ts";

/** A situation that was run, and what the sender saw of it; in the words of servers and protocols, which have no translation. */
export type Evidence = { server: string; situation?: string; seen: string };

const nginx = "nginx 1.22.1";
const apache = "Apache 2.4.71";
const haproxy = "HAProxy 2.6.12";
const caddy = "Caddy 2.6.2";
const lighttpd = "lighttpd 1.4.69";
const h2o = "H2O 2.2.5";

/** What stood behind each cause when it was measured with the packages of Debian 12 and with frameworks of npm. */
export const evidence: Readonly<Partial<Record<LikelyCause, readonly Evidence[]>>> = {
  accepted_then_silent: [
    { server: haproxy, situation: "mode tcp, server down", seen: "TCP accepted, TLS silent" },
    { server: "gunicorn, Varnish", situation: "plain port", seen: "TCP accepted, TLS silent" },
  ],
  client_certificate_demanded: [
    {
      server: nginx,
      situation: "ssl_verify_client on",
      seen: "400 “No required SSL certificate was sent”",
    },
    {
      server: `${haproxy}, ${apache}, ${caddy}, ${lighttpd}, nghttpx`,
      seen: "TLS 1.3: alert certificate_required after the handshake",
    },
  ],
  host_name_unknown_to_server: [
    { server: nginx, situation: "ssl_reject_handshake", seen: "TLS alert unrecognized_name" },
    { server: haproxy, situation: "strict-sni", seen: "TLS alert unrecognized_name" },
  ],
  host_name_perhaps_unknown: [{ server: "Go net/http, Caddy", seen: "TLS alert internal_error" }],
  nothing_behind_tls_proxy: [{ server: "stunnel", situation: "connect", seen: "TLS, then closed" }],
  dropped_by_rule: [
    { server: nginx, situation: "return 444", seen: "closed; HTTP/2: stream reset" },
    {
      server: haproxy,
      situation: "silent-drop, reject",
      seen: "closed; HTTP/2: stream reset",
    },
  ],
  stream_refused: [
    { server: haproxy, situation: "HTTP/2, bot crashed", seen: "RST_STREAM REFUSED_STREAM" },
    { server: haproxy, situation: "HTTP/2, silent-drop", seen: "RST_STREAM REFUSED_STREAM" },
    { server: h2o, situation: "HTTP/2, limit-request-body", seen: "RST_STREAM REFUSED_STREAM" },
  ],
  http1_demanded: [
    { server: apache, situation: "SSLVerifyClient per location", seen: "HTTP_1_1_REQUIRED" },
  ],
  stopped_behind_haproxy: [
    { server: haproxy, situation: "server down, retries 3", seen: "3 s silence, then 503" },
  ],
  never_answers: [{ server: "Express 4, polka", situation: "async throw", seen: "silence" }],
  proxy_points_at_no_web_server: [
    { server: nginx, situation: "proxy_pass to sshd", seen: "SSH-2.0-OpenSSH…" },
    { server: h2o, seen: "502 “failed to parse the response”" },
    { server: lighttpd, seen: "502" },
  ],
  http_sent_to_tls_port: [
    { server: nginx, seen: "400 “The plain HTTP request was sent to HTTPS port”" },
    { server: apache, seen: "400 “You're speaking plain HTTP to an SSL-enabled server port.”" },
  ],
  sign_in_demanded: [
    { server: nginx, situation: "auth_basic", seen: "401, WWW-Authenticate: Basic" },
  ],
  blocked_by_rule: [
    { server: nginx, situation: "deny all", seen: "403" },
    { server: apache, situation: "Require all denied", seen: "403" },
    {
      server: haproxy,
      situation: "http-request deny",
      seen: "403 “Request forbidden by administrative rules.”",
    },
  ],
  path_unknown_to_web_server: [
    { server: `${nginx}, ${apache}, ${lighttpd}`, seen: "404" },
    { server: h2o, seen: "404 “not found”" },
    { server: caddy, situation: "file_server", seen: "404, Content-Length: 0" },
  ],
  path_unknown_to_bot: [
    { server: "Express", seen: "404 “Cannot POST /…”" },
    { server: "Fastify", seen: "404 “Route POST:/… not found”" },
    { server: "h3 2", seen: "404 “Cannot find any route matching [POST] …”" },
  ],
  handler_gave_no_answer: [
    { server: "Koa", seen: "404 “Not Found”" },
    { server: "Hono", seen: "404 “404 Not Found”" },
  ],
  static_site: [
    { server: nginx, seen: "405 “Not Allowed”" },
    { server: h2o, seen: "405 “method not allowed”, Allow: GET, HEAD" },
  ],
  body_too_large: [
    { server: nginx, situation: "client_max_body_size", seen: "413" },
    { server: apache, situation: "LimitRequestBody", seen: "413" },
    { server: lighttpd, situation: "server.max-request-size", seen: "413" },
    {
      server: "Express",
      situation: "express.json({ limit })",
      seen: "413 “PayloadTooLargeError”",
    },
  ],
  rate_limited: [{ server: haproxy, situation: "deny_status 429", seen: "429" }],
  perhaps_rate_limited: [
    { server: nginx, situation: "limit_req, limit_conn, return 503", seen: "503" },
  ],
  signature_breaks_handler: [
    {
      server: "Express, Fastify, Koa, Hono, restify",
      situation: "@line/bot-sdk middleware()",
      seen: "500 “signature validation failed”",
    },
  ],
  bot_down_behind_proxy: [
    { server: `${nginx}, ${caddy}, nghttpx`, seen: "502" },
    { server: `${apache}, ${lighttpd}`, seen: "503" },
    { server: haproxy, seen: "503 “No server is available to handle this request.”" },
    { server: h2o, seen: "502 “connection failed”" },
    { server: "Varnish 7.1", seen: "503 “Backend fetch failed”" },
  ],
  bot_slow_behind_proxy: [
    { server: `${nginx}, ${caddy}, ${haproxy}, nghttpx`, seen: "504" },
    { server: h2o, seen: "502 “I/O timeout”" },
  ],
  bot_breaks_off_behind_proxy: [
    { server: haproxy, seen: "502 “The server returned an invalid or incomplete response.”" },
    { server: apache, seen: "502 “Proxy Error”" },
    { server: lighttpd, seen: "500" },
    { server: h2o, seen: "502 “I/O error (head)”" },
  ],
  body_not_read: [
    { server: `${nginx}, gunicorn`, situation: "250 kB", seen: "502 (5 of 20)" },
    { server: caddy, situation: "max_size", seen: "502" },
  ],
};
