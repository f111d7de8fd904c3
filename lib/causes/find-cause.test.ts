import fc from "fast-check";
import { expect, test } from "vitest";
import { classify } from "#lib/transport/classify.ts";
import { type ErrorClass, errorDetails } from "#lib/transport/error-class.ts";
import { toOutcome } from "#lib/transport/outcome.ts";
import type { Observation, Seen } from "#lib/transport/schema.ts";
import type { CauseFacts, ChannelView } from "./facts.ts";
import { causeOfOutcome, findLikelyCause } from "./find-cause.ts";
import { type LikelyCause, likelyCauses } from "./schema.ts";

const startedAt = new Date("2026-11-27T10:00:00Z");
const ago = (minutes: number): Date => new Date(startedAt.getTime() - minutes * 60_000);

const base: Omit<CauseFacts, "error"> = {
  seen: { phase: "answer" },
  times: { total: 20 },
  startedAt,
  protocol: "http/1.1",
  url: "https://bot.example.com/webhook",
  requestBytes: 400,
  response: null,
  channel: null,
};

const quiet: ChannelView = {
  failingSince: null,
  failedCount: 0,
  lastDetail: null,
  lastFailedAt: null,
  lastDeliveredAt: ago(1),
  secretChangedAt: null,
  otherDetailsCount: 0,
  recent: { delivered: 20, failed: 1, timedOut: 0 },
  hasSeenHaproxy: false,
};
/** An outage in which every attempt failed with this detail. */
const outage = (lastDetail: string, more: Partial<ChannelView> = {}): ChannelView => ({
  ...quiet,
  failingSince: ago(5),
  failedCount: 6,
  lastDetail,
  lastFailedAt: ago(0.1),
  lastDeliveredAt: ago(6),
  recent: {
    delivered: 0,
    failed: 6,
    timedOut: lastDetail === "Request timeout" ? 6 : 0,
  },
  ...more,
});

const connect = (
  detail: (typeof errorDetails.could_not_connect)[number],
  seen: Seen,
): CauseFacts => ({
  ...base,
  error: { reason: "could_not_connect", detail, statusCode: null },
  seen,
  protocol: null,
});
const late = (channel: ChannelView | null): CauseFacts => ({
  ...base,
  error: { reason: "request_timeout", detail: "Request timeout", statusCode: null },
  channel,
});
const ended = (
  detail: (typeof errorDetails.unclassified)[number],
  more: Partial<CauseFacts>,
): CauseFacts => ({
  ...base,
  error: { reason: "unclassified", detail, statusCode: null },
  ...more,
});
const answer = (
  statusCode: number,
  headers: Record<string, string>,
  body: string | Buffer,
  more: Partial<CauseFacts> = {},
): CauseFacts => ({
  ...base,
  error: { reason: "error_status_code", detail: `${statusCode}`, statusCode },
  response: { headers: Object.entries(headers), body: Buffer.from(body) },
  ...more,
});

// The pages as the servers send them (Debian 12).
const nginx = (status: number, title: string, text = title) =>
  answer(
    status,
    { Server: "nginx/1.22.1", "Content-Type": "text/html" },
    `<html>\r\n<head><title>${status} ${text}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n${text === title ? "" : `<center>${text}</center>\r\n`}<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n`,
  );
const apache = (status: number, title: string, text: string) =>
  answer(
    status,
    { Server: "Apache/2.4.71 (Debian)", "Content-Type": "text/html; charset=iso-8859-1" },
    `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`,
  );
const haproxy = (status: number, title: string, text: string) =>
  answer(
    status,
    { "content-type": "text/html" },
    `<html><body><h1>${status} ${title}</h1>\n${text}\n</body></html>\n`,
  );
const lighttpd = (status: number, title: string) =>
  answer(
    status,
    { "Content-Type": "text/html", Server: "lighttpd/1.4.69" },
    `<?xml version="1.0" encoding="iso-8859-1"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n         "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n <head>\n  <title>${status} ${title}</title>\n </head>\n`,
  );
const h2o = (status: number, text: string, headers: Record<string, string> = {}) =>
  answer(
    status,
    { Server: "h2o/2.2.5", "content-type": "text/plain; charset=utf-8", ...headers },
    text,
  );
const caddy = (status: number, more: Partial<CauseFacts> = {}) =>
  answer(status, { Server: "Caddy", "Content-Length": "0" }, "", more);
const nghttpx = (status: number, title: string) =>
  answer(
    status,
    { Server: "nghttpx", "Content-Type": "text/html; charset=UTF-8" },
    `<!DOCTYPE html><html lang="en"><title>${status} ${title}</title><body><h1>${status} ${title}</h1><footer>nghttpx</footer></body></html>`,
  );
const express = (status: number, text: string, channel: ChannelView | null = null) =>
  answer(
    status,
    { "X-Powered-By": "Express", "Content-Type": "text/html; charset=utf-8" },
    `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>${text}</pre>\n</body>\n</html>\n`,
    { channel },
  );
const text = (status: number, body: string, channel: ChannelView | null = null) =>
  answer(status, { "Content-Type": "text/plain; charset=utf-8" }, body, { channel });
const json = (status: number, body: object, channel: ChannelView | null = null) =>
  answer(status, { "content-type": "application/json; charset=utf-8" }, JSON.stringify(body), {
    channel,
  });
const redirect = (location: string) => answer(302, { Location: location }, "");
const handshake = (seen: Partial<Seen>) =>
  connect("TLS handshake failure", { phase: "tls", ...seen });
const secretChanged = { secretChangedAt: ago(5.5) };
const shiftJisPage = Buffer.concat([
  Buffer.from("<html><head><meta charset=Shift_JIS><title>"),
  Buffer.from([0x83, 0x81, 0x83, 0x93, 0x83, 0x65, 0x83, 0x69, 0x83, 0x93, 0x83, 0x58, 0x92, 0x86]),
]);

const cases: readonly [what: string, facts: CauseFacts, cause: LikelyCause | null][] = [
  ["a URL that is none", connect("Invalid URL syntax", { phase: "url" }), "url_unusable"],
  [
    "a name without an address",
    connect("Unknown host", { phase: "dns", code: "ENOTFOUND" }),
    "host_name_missing",
  ],
  ["silent name servers", connect("DNS Query timeout", { phase: "dns" }), "name_servers_silent"],
  [
    "a closed port",
    connect("Connection failed", { phase: "tcp", code: "ECONNREFUSED" }),
    "port_refused",
  ],
  [
    "no route",
    connect("Connection failed", { phase: "tcp", code: "EHOSTUNREACH" }),
    "host_unreachable",
  ],
  ["TCP unanswered", connect("Connection timeout", { phase: "tcp" }), "firewall_drops"],
  [
    "TCP taken, TLS unanswered",
    connect("Connection timeout", { phase: "tls" }),
    "accepted_then_silent",
  ],
  [
    "closed before TLS",
    connect("Connection failed (session closed)", { phase: "tls" }),
    "closed_on_connect",
  ],
  [
    "GOAWAY before the request",
    connect("Connection failed (received GOAWAY)", { phase: "answer", goAway: "NO_ERROR" }),
    "connection_turned_away",
  ],
  [
    "plain HTTP on the port",
    connect("No SSL/TLS record", { phase: "tls", firstBytes: "HTTP/1.1 400 Bad" }),
    "plain_port",
  ],
  [
    "no protocol in common",
    connect("Session protocol negotiation failure", {
      phase: "tls",
      alert: "no_application_protocol",
    }),
    "no_common_protocol",
  ],
  // TLS: HAProxy, Caddy, lighttpd, Apache, nghttpx with a demanded client certificate.
  [
    "a demanded client certificate, TLS 1.3",
    connect("TLS handshake failure", {
      phase: "answer",
      alert: "certificate_required",
      tlsVersion: "TLSv1.3",
    }),
    "client_certificate_demanded",
  ],
  [
    "the same by Node's code alone",
    connect("TLS handshake failure", {
      phase: "answer",
      code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    }),
    "client_certificate_demanded",
  ],
  [
    "a demanded client certificate, TLS 1.2",
    handshake({
      alert: "handshake_failure",
      clientCertificateAsked: true,
      serverCertificateShown: true,
    }),
    "client_certificate_demanded",
  ],
  ["no cipher in common", handshake({ alert: "handshake_failure" }), "no_common_cipher"],
  [
    "no cipher in common, by Node's code alone",
    handshake({ code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" }),
    "no_common_cipher",
  ],
  [
    "nginx ssl_reject_handshake",
    handshake({ alert: "unrecognized_name" }),
    "host_name_unknown_to_server",
  ],
  [
    "a Go server without a certificate for the name",
    handshake({ alert: "internal_error" }),
    "host_name_perhaps_unknown",
  ],
  ["TLS 1.1 only", handshake({ alert: "protocol_version" }), "tls_too_old"],
  [
    "TLS 1.1 only, refused by us",
    handshake({ code: "ERR_SSL_UNSUPPORTED_PROTOCOL" }),
    "tls_too_old",
  ],
  ["an expired certificate", handshake({ code: "CERT_HAS_EXPIRED" }), "certificate_expired"],
  [
    "a certificate from the future",
    handshake({ code: "CERT_NOT_YET_VALID" }),
    "certificate_not_yet_valid",
  ],
  [
    "a certificate for another name",
    handshake({ code: "ERR_TLS_CERT_ALTNAME_INVALID" }),
    "certificate_for_other_name",
  ],
  [
    "a self-signed certificate",
    handshake({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
    "certificate_self_signed",
  ],
  [
    "a missing intermediate",
    handshake({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }),
    "certificate_chain_incomplete",
  ],
  [
    "a certificate not meant for servers",
    handshake({ code: "INVALID_PURPOSE" }),
    "certificate_unsuitable",
  ],
  ["an outdated signature", handshake({ code: "CA_MD_TOO_WEAK" }), "certificate_unsuitable"],
  ["a handshake of which nothing is known", handshake({}), "tls_failed"],
  [
    "a code called like a property of every object",
    handshake({ code: "constructor" }),
    "tls_failed",
  ],
  // Taken, then nothing.
  ["a single slow answer", late(quiet), "slow_sometimes"],
  ["a slow answer of which nothing else is known", late(null), "slow_sometimes"],
  [
    "half of the answers slow",
    late({ ...quiet, recent: { delivered: 6, failed: 6, timedOut: 6 } }),
    "slow_mostly",
  ],
  [
    "never an answer: an async handler that throws in Express 4",
    late(outage("Request timeout")),
    "never_answers",
  ],
  [
    "the same where HAProxy's page was seen",
    late(outage("Request timeout", { hasSeenHaproxy: true })),
    "stopped_behind_haproxy",
  ],
  [
    "the first request after a night",
    late({ ...quiet, lastDeliveredAt: ago(400), lastFailedAt: ago(500) }),
    "cold_start",
  ],
  [
    "closed after a while",
    ended("Session closed unexpectedly", {
      times: { total: 900 },
      channel: outage("Session closed unexpectedly"),
    }),
    "closed_while_handling",
  ],
  [
    "closed once",
    ended("Session closed unexpectedly", { channel: quiet }),
    "closed_while_handling",
  ],
  [
    "nginx return 444 since the first webhook",
    ended("Session closed unexpectedly", {
      channel: outage("Session closed unexpectedly", { lastDeliveredAt: null }),
    }),
    "dropped_by_rule",
  ],
  [
    "stunnel with nothing behind any more",
    ended("Session closed unexpectedly", { channel: outage("Session closed unexpectedly") }),
    "nothing_behind_tls_proxy",
  ],
  [
    "nginx return 444 over HTTP/2",
    ended("Stream closed unexpectedly", {
      protocol: "h2",
      seen: { phase: "answer", reset: "PROTOCOL_ERROR" },
      channel: outage("Stream closed unexpectedly", { lastDeliveredAt: null }),
    }),
    "dropped_by_rule",
  ],
  [
    "a refused stream",
    ended("Stream closed unexpectedly", {
      protocol: "h2",
      seen: { phase: "answer", reset: "REFUSED_STREAM" },
    }),
    "stream_refused",
  ],
  [
    "HTTP/1.1 demanded",
    ended("Stream closed unexpectedly", {
      protocol: "h2",
      seen: { phase: "answer", reset: "HTTP_1_1_REQUIRED" },
    }),
    "http1_demanded",
  ],
  [
    "a flood protection",
    ended("Stream closed unexpectedly", {
      protocol: "h2",
      seen: { phase: "answer", reset: "ENHANCE_YOUR_CALM" },
    }),
    "dropped_by_rule",
  ],
  [
    "a GOAWAY with the request under way",
    ended("Session closed unexpectedly", {
      protocol: "h2",
      seen: { phase: "answer", goAway: "INTERNAL_ERROR" },
    }),
    "connection_turned_away",
  ],
  [
    "nginx before sshd",
    ended("Unclassified webhook dispatch error", {
      seen: { phase: "answer", code: "HPE_INVALID_CONSTANT", firstBytes: "SSH-2.0-OpenSSH_9.2p1" },
    }),
    "proxy_points_at_no_web_server",
  ],
  [
    "nginx before sshd over HTTP/2",
    ended("Unclassified webhook dispatch error", {
      protocol: "h2",
      seen: { phase: "answer", code: "STATUS" },
    }),
    "proxy_points_at_no_web_server",
  ],
  [
    "a malformed status line",
    ended("Unclassified webhook dispatch error", {
      seen: { phase: "answer", code: "HPE_INVALID_STATUS", firstBytes: "HTTP/1.1 abc" },
    }),
    "answer_malformed",
  ],
  [
    "a fault of our own, before anything was sent",
    ended("Unclassified webhook dispatch error", { seen: { phase: "url" } }),
    null,
  ],
  // Redirects.
  ["a sign-in page", redirect("/users/sign_in?next=%2Fwebhook"), "redirect_to_sign_in"],
  [
    "a sign-in of a CDN",
    redirect("https://team.cloudflareaccess.com/cdn-cgi/access/x"),
    "redirect_to_sign_in",
  ],
  ["a trailing slash", redirect("https://bot.example.com/webhook/"), "redirect_elsewhere"],
  [
    "a path that has such a word in it by itself",
    {
      ...redirect("https://bot.example.com/auth/webhook/"),
      url: "https://bot.example.com/auth/webhook",
    },
    "redirect_elsewhere",
  ],
  // 4xx.
  [
    "nginx, plain http to the TLS port",
    nginx(400, "Bad Request", "The plain HTTP request was sent to HTTPS port"),
    "http_sent_to_tls_port",
  ],
  [
    "Apache, the same",
    apache(
      400,
      "Bad Request",
      "Your browser sent a request that this server could not understand.<br />\nReason: You're speaking plain HTTP to an SSL-enabled server port.",
    ),
    "http_sent_to_tls_port",
  ],
  [
    "a Go server, the same",
    text(400, "Client sent an HTTP request to an HTTPS server.\n"),
    "http_sent_to_tls_port",
  ],
  [
    "nginx, client certificate demanded",
    nginx(400, "Bad Request", "No required SSL certificate was sent"),
    "client_certificate_demanded",
  ],
  ["a bot that says what it misses", text(401, "Invalid signature"), "signature_refused"],
  ["403 of the bot's own", text(403, "Forbidden"), "signature_refused"],
  [
    "400 with every webhook since the secret changed",
    text(400, "Bad Request", outage("400", secretChanged)),
    "signature_refused",
  ],
  ["400 for one webhook", text(400, "Bad Request", quiet), "request_not_understood"],
  [
    "Fastify, invalid JSON",
    json(400, { code: "FST_ERR_CTP_INVALID_JSON_BODY" }),
    "request_not_understood",
  ],
  [
    "nginx auth_basic",
    {
      ...nginx(401, "Unauthorized"),
      response: { headers: [["WWW-Authenticate", 'Basic realm="x"']], body: Buffer.alloc(0) },
    },
    "sign_in_demanded",
  ],
  ["nginx deny all", nginx(403, "Forbidden"), "blocked_by_rule"],
  [
    "Apache Require all denied",
    apache(403, "Forbidden", "You don't have permission to access this resource."),
    "blocked_by_rule",
  ],
  [
    "HAProxy http-request deny",
    haproxy(403, "Forbidden", "Request forbidden by administrative rules."),
    "blocked_by_rule",
  ],
  [
    "a challenge of Cloudflare",
    answer(
      403,
      { Server: "cloudflare", "CF-RAY": "8a", "cf-mitigated": "challenge" },
      "<title>Just a moment...</title>",
    ),
    "blocked_by_rule",
  ],
  ["nginx 404", nginx(404, "Not Found"), "path_unknown_to_web_server"],
  [
    "Apache 404",
    apache(404, "Not Found", "The requested URL was not found on this server."),
    "path_unknown_to_web_server",
  ],
  ["lighttpd 404", lighttpd(404, "Not Found"), "path_unknown_to_web_server"],
  ["H2O 404", h2o(404, "not found"), "path_unknown_to_web_server"],
  ["Caddy file_server 404", caddy(404), "path_unknown_to_web_server"],
  [
    "Express behind nginx",
    {
      ...express(404, "Cannot POST /hook"),
      response: {
        headers: [["Server", "nginx/1.22.1"]],
        body: Buffer.from("<pre>Cannot POST /hook</pre>"),
      },
    },
    "path_unknown_to_bot",
  ],
  ["Express 404", express(404, "Cannot POST /hook"), "path_unknown_to_bot"],
  [
    "Fastify 404",
    json(404, { message: "Route POST:/hook not found", error: "Not Found", statusCode: 404 }),
    "path_unknown_to_bot",
  ],
  [
    "h3 2 404",
    json(404, {
      status: 404,
      message: "Cannot find any route matching [POST] http://127.0.0.1/hook",
    }),
    "path_unknown_to_bot",
  ],
  ["Koa, nothing returned", text(404, "Not Found"), "handler_gave_no_answer"],
  ["Hono, nothing returned", text(404, "404 Not Found"), "handler_gave_no_answer"],
  ["a closed tunnel", answer(404, { "Ngrok-Error-Code": "ERR_NGROK_3200" }, ""), "tunnel_closed"],
  [
    "Heroku without the app",
    answer(404, { Server: "Heroku" }, "<title>No such app</title>"),
    "hosting_reports_failure",
  ],
  ["nginx static 405", nginx(405, "Not Allowed"), "static_site"],
  ["H2O static 405", h2o(405, "method not allowed", { allow: "GET, HEAD" }), "static_site"],
  [
    "a framework's 405",
    answer(405, { Allow: "GET, HEAD", "content-type": "application/json" }, "{}"),
    "method_not_taken",
  ],
  ["nginx 413", nginx(413, "Request Entity Too Large"), "body_too_large"],
  ["Express 413", express(413, "PayloadTooLargeError: request entity too large"), "body_too_large"],
  ["421", text(421, "Misdirected Request"), "host_name_unknown_to_server"],
  [
    "HAProxy 429",
    haproxy(429, "Too Many Requests", "You have sent too many requests in a given amount of time."),
    "rate_limited",
  ],
  // 5xx.
  ["nginx 502", nginx(502, "Bad Gateway"), "bot_down_behind_proxy"],
  ["nginx 504", nginx(504, "Gateway Time-out"), "bot_slow_behind_proxy"],
  [
    "nginx before gunicorn, a large body",
    { ...nginx(502, "Bad Gateway"), requestBytes: 250_000, channel: quiet },
    "body_not_read",
  ],
  ["nginx 503", nginx(503, "Service Temporarily Unavailable"), "perhaps_rate_limited"],
  [
    "HAProxy without a server",
    haproxy(503, "Service Unavailable", "No server is available to handle this request."),
    "bot_down_behind_proxy",
  ],
  [
    "HAProxy, the server closes",
    haproxy(502, "Bad Gateway", "The server returned an invalid or incomplete response."),
    "bot_breaks_off_behind_proxy",
  ],
  [
    "HAProxy, the server is slow",
    haproxy(504, "Gateway Time-out", "The server didn't respond in time."),
    "bot_slow_behind_proxy",
  ],
  [
    "Apache 503",
    apache(
      503,
      "Service Unavailable",
      "The server is temporarily unable to service your\nrequest due to maintenance downtime or capacity\nproblems. Please try again later.",
    ),
    "bot_down_behind_proxy",
  ],
  [
    "Apache 502",
    apache(
      502,
      "Proxy Error",
      "The proxy server received an invalid\r\nresponse from an upstream server.",
    ),
    "bot_breaks_off_behind_proxy",
  ],
  ["lighttpd, refused", lighttpd(503, "Service Unavailable"), "bot_down_behind_proxy"],
  ["lighttpd, closed", lighttpd(500, "Internal Server Error"), "bot_breaks_off_behind_proxy"],
  ["lighttpd, no HTTP", lighttpd(502, "Bad Gateway"), "proxy_points_at_no_web_server"],
  ["Caddy 502", caddy(502), "bot_down_behind_proxy"],
  [
    "Caddy, a body above max_size",
    caddy(502, { requestBytes: 200_000, channel: quiet }),
    "body_not_read",
  ],
  ["Caddy 504", caddy(504), "bot_slow_behind_proxy"],
  ["H2O, refused", h2o(502, "connection failed"), "bot_down_behind_proxy"],
  ["H2O, closed", h2o(502, "I/O error (head)"), "bot_breaks_off_behind_proxy"],
  ["H2O, no HTTP", h2o(502, "failed to parse the response"), "proxy_points_at_no_web_server"],
  ["H2O, slow", h2o(502, "I/O timeout"), "bot_slow_behind_proxy"],
  ["nghttpx 502", nghttpx(502, "Bad Gateway"), "bot_down_behind_proxy"],
  [
    "Varnish 503",
    answer(
      503,
      { Server: "Varnish", "X-Varnish": "2", Via: "1.1 varnish (Varnish/7.1)" },
      "<title>503 Backend fetch failed</title><h3>Guru Meditation:</h3>",
    ),
    "bot_down_behind_proxy",
  ],
  [
    "Apache over HTTP/2, closed",
    apache(
      500,
      "Internal Server Error",
      "The server encountered an internal error or\nmisconfiguration",
    ),
    "bot_breaks_off_behind_proxy",
  ],
  [
    "Squid, closed",
    answer(502, { Server: "squid/5.7", "X-Squid-Error": "ERR_ZERO_SIZE_OBJECT 0" }, "<html>"),
    "bot_breaks_off_behind_proxy",
  ],
  [
    "Squid, refused",
    answer(502, { Server: "squid/5.7", "X-Squid-Error": "ERR_READ_ERROR 0" }, "<html>"),
    "bot_down_behind_proxy",
  ],
  [
    "Cloudflare 521",
    answer(521, { Server: "cloudflare", "CF-RAY": "8a-NRT" }, "error code: 521"),
    "cdn_cannot_reach_bot",
  ],
  [
    "Heroku 503",
    answer(
      503,
      { Server: "Heroku" },
      '<iframe src="//www.herokucdn.com/error-pages/application-error.html">',
    ),
    "hosting_reports_failure",
  ],
  ["503 of the bot's own", text(503, "Service Unavailable"), "says_overloaded"],
  [
    "a maintenance page",
    answer(
      503,
      { "Content-Type": "text/html", "Retry-After": "3600" },
      "<h1>Scheduled maintenance</h1>",
    ),
    "maintenance",
  ],
  [
    "a maintenance page in Japanese",
    answer(503, { "Content-Type": "text/html" }, "<h1>ただいまメンテナンス中です</h1>"),
    "maintenance",
  ],
  [
    "a maintenance page in Shift_JIS",
    answer(503, { "Content-Type": "text/html; charset=Shift_JIS" }, shiftJisPage),
    "maintenance",
  ],
  ["500 for one webhook", text(500, "Internal Server Error", quiet), "handler_fails_sometimes"],
  [
    "500 of which nothing else is known",
    text(500, "Internal Server Error"),
    "handler_fails_sometimes",
  ],
  [
    "500 with every webhook since a deploy",
    text(500, "Internal Server Error", outage("500")),
    "handler_fails_always",
  ],
  [
    "500 with every webhook since the secret changed",
    text(500, "Internal Server Error", outage("500", secretChanged)),
    "signature_breaks_handler",
  ],
  [
    "500 with every webhook since the first one",
    text(500, "Internal Server Error", outage("500", { lastDeliveredAt: null })),
    "signature_breaks_handler",
  ],
  [
    "500 among other errors since the secret changed",
    text(
      500,
      "Internal Server Error",
      outage("500", {
        ...secretChanged,
        otherDetailsCount: 2,
      }),
    ),
    "handler_fails_sometimes",
  ],
  [
    "the LINE SDK's middleware in Express 5",
    express(500, "SignatureValidationFailed: signature validation failed<br> &nbsp;at middleware"),
    "signature_breaks_handler",
  ],
  ["a status that is none", answer(0, {}, ""), "status_unusual"],
  ["an interim status", answer(100, {}, ""), "status_unusual"],
];

test.each(cases)("%s is told as its cause", (_what, facts, cause) => {
  expect(findLikelyCause(facts)).toBe(cause);
});

test("every cause is reached by some case, so that none is told in words only", () => {
  const reached = new Set(cases.map(([, , cause]) => cause));
  expect(likelyCauses.filter((cause) => !reached.has(cause))).toEqual([]);
});

const anySeen: fc.Arbitrary<Seen> = fc.record(
  {
    phase: fc.constantFrom("url", "dns", "tcp", "tls", "answer"),
    code: fc.oneof(
      fc.string(),
      fc.constantFrom("toString", "__proto__", "ECONNRESET", "CERT_HAS_EXPIRED"),
    ),
    alert: fc.string(),
    goAway: fc.string(),
    reset: fc.constantFrom("CANCEL", "REFUSED_STREAM", "0x2a"),
    firstBytes: fc.string(),
    tlsVersion: fc.constant("TLSv1.2"),
  },
  { requiredKeys: ["phase"] },
);
const anyDate = fc.option(fc.date({ noInvalidDate: true }));
const anyView: fc.Arbitrary<ChannelView> = fc.record({
  failingSince: anyDate,
  failedCount: fc.nat(),
  lastDetail: fc.option(fc.string()),
  lastFailedAt: anyDate,
  lastDeliveredAt: anyDate,
  secretChangedAt: anyDate,
  recent: fc.record({ delivered: fc.nat(), failed: fc.nat(), timedOut: fc.nat() }),
  otherDetailsCount: fc.nat(),
  hasSeenHaproxy: fc.boolean(),
});
const anyError: fc.Arbitrary<ErrorClass> = fc.oneof(
  fc
    .constantFrom(...errorDetails.could_not_connect)
    .map((detail) => ({ reason: "could_not_connect" as const, detail, statusCode: null })),
  fc.constant({
    reason: "request_timeout" as const,
    detail: "Request timeout" as const,
    statusCode: null,
  }),
  fc
    .constantFrom(...errorDetails.unclassified)
    .map((detail) => ({ reason: "unclassified" as const, detail, statusCode: null })),
  fc.integer({ min: 0, max: 999 }).map((statusCode) => ({
    reason: "error_status_code" as const,
    detail: `${statusCode}` as const,
    statusCode,
  })),
);
const anyHeader = fc.tuple(
  fc.oneof(
    fc.string(),
    fc.constantFrom("server", "Location", "Content-Type", "Allow", "WWW-Authenticate"),
  ),
  fc.string(),
);
const anyFacts: fc.Arbitrary<CauseFacts> = fc.record({
  error: anyError,
  seen: anySeen,
  times: fc.record({ total: fc.double() }),
  startedAt: fc.date({ noInvalidDate: true }),
  protocol: fc.constantFrom("http/1.1", "h2", null),
  url: fc.oneof(fc.string(), fc.webUrl()),
  requestBytes: fc.nat(),
  response: fc.option(
    fc.record({
      headers: fc.array(anyHeader),
      body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    }),
  ),
  channel: fc.option(anyView),
});

test("whatever was observed, the cause is one of the set or none, and nothing is thrown", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const cause = findLikelyCause(facts);
      expect(cause === null || likelyCauses.includes(cause)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

const times = fc.record(
  {
    dns: fc.double({ min: 0, max: 2_000, noNaN: true }),
    tcp: fc.double({ min: 0, max: 2_000, noNaN: true }),
  },
  { requiredKeys: [] },
);

test("a refused private address has the cause of a refused connection, whatever else is known", () => {
  const request = { url: "https://inside.example.com/", requestBytes: 300 };
  const outcomeOf = (observation: Observation, took: object) =>
    toOutcome(startedAt, 30, {
      observation,
      note: "the truth, for operators",
      times: took,
      evidence: {},
      repeats: [],
      exchange: null,
      protocol: null,
      remoteAddress: null,
      certificate: null,
    });
  const refused: Observation = { kind: "failed", phase: "tcp", code: "ECONNREFUSED" };
  expect(classify({ kind: "blocked_address" })).toEqual(classify(refused));
  fc.assert(
    fc.property(times, times, fc.option(anyView), (took, tookBlocked, channel) => {
      const blocked = outcomeOf({ kind: "blocked_address" }, tookBlocked);
      expect(causeOfOutcome(blocked, request, channel)).toBe(
        causeOfOutcome(outcomeOf(refused, took), request, channel),
      );
    }),
  );
});
