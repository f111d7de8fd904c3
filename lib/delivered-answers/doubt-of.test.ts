import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readHead } from "./answer-head.ts";
import { doubtOf } from "./doubt-of.ts";
import type { Doubt } from "./schema.ts";
import type { AnswerShape } from "./shape.ts";

type Answer = { type?: string; body?: string | Buffer; fields?: readonly [string, string][] };

function judge(
  { type, body = "", fields = [] }: Answer,
  usual: AnswerShape | null = null,
): Doubt | null {
  const headers: [string, string][] = [
    ...(type === undefined ? [] : [["Content-Type", type] as [string, string]]),
    ...fields,
  ];
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const answer = { statusCode: 200, headers, body: bytes.subarray(0, 1_024) };
  return doubtOf(answer, readHead(headers), usual);
}

const html = "text/html; charset=utf-8";
const server = (name: string): [string, string] => ["Server", name];

// As these were received from the frameworks themselves, but for dates.
test.each<[string, Answer]>([
  ["PHP 8.2, echo", { type: "text/html; charset=UTF-8", body: "OK" }],
  ["PHP 8.2, json_encode", { type: "application/json", body: "{}" }],
  [
    "PHP 8.2 with display_errors",
    {
      type: "text/html; charset=UTF-8",
      body: '<br />\n<b>Warning</b>:  Undefined array key "y" in <b>/srv/bot.php</b> on line <b>1</b><br />\nOK',
    },
  ],
  ["Flask, a word", { type: html, body: "OK", fields: [server("Werkzeug/3.1.8 Python/3.11.7")] }],
  ["Flask, nothing", { type: html }],
  ["Flask, a dict", { type: "application/json", body: "{}\n" }],
  ["Express 4, send", { type: html, body: "OK", fields: [["ETag", 'W/"2-nOO9QiTIwXg"']] }],
  ["Express 4, sendStatus", { type: "text/plain; charset=utf-8", body: "OK" }],
  ["Express 4, markup that is no page", { type: html, body: "<h1>OK</h1>" }],
  ["Express 4, end", { fields: [["X-Powered-By", "Express"]] }],
  ["Koa, an object", { type: "application/json; charset=utf-8", body: "{}" }],
  ["Fastify", { type: "text/plain; charset=utf-8", body: "OK" }],
  ["Hono, html", { type: "text/html; charset=UTF-8", body: "OK" }],
  ["Node's http server", { body: "OK" }],
  ["Caddy without a route", { fields: [server("Caddy")] }],
  ["JSON with a page in it, typed as HTML", { type: html, body: '{"html":"<html><body>"}' }],
  ["a long text", { type: "text/plain", body: "Thank you. ".repeat(50) }],
  ["a text about markup", { type: "text/plain", body: "the <html> element" }],
  ["XML", { type: "text/xml", body: '<?xml version="1.0"?><Response><Message/></Response>' }],
  ["Shift_JIS without a type", { body: Buffer.from([0x8e, 0xf3, 0x90, 0x4d, 0x0d, 0x0a]) }],
  ["ISO-2022-JP without a type", { body: Buffer.from("\u001b$B<u?.\u001b(B", "latin1") }],
  ["UTF-16 without a type", { body: Buffer.from("\ufeffOK", "utf16le") }],
  ["digits without a type", { body: "2200" }],
  ["a coded body without a type", { body: gzipSync("OK"), fields: [["Content-Encoding", "gzip"]] }],
  [
    "a coded word typed as HTML",
    { type: html, body: gzipSync("OK"), fields: [["Content-Encoding", "gzip"]] },
  ],
])("nothing speaks against a bot's answer: %s", (_name, answer) => {
  expect(judge(answer)).toBeNull();
});

const php = "text/html; charset=UTF-8";
const fatal =
  "<br />\n<b>Fatal error</b>:  Uncaught Error: Call to undefined function missing() in /srv/bot.php:4\nStack trace:\n#0 {main}";
const warned =
  '<br />\n<b>Warning</b>:  Undefined array key "y" in <b>/srv/bot.php</b> on line <b>1</b><br />\n';

// As PHP 8.2 sends them, with 200.
test.each<[string, Answer]>([
  ["a fatal error", { type: php, body: fatal }],
  ["a fatal error after a warning", { type: php, body: warned + fatal }],
  ["a fatal error after what was said before", { type: php, body: `OK${fatal}` }],
  ["a parse error", { type: php, body: "<br />\n<b>Parse error</b>:  syntax error, unexpected" }],
  ["without html_errors", { type: php, body: "\nFatal error:  Uncaught Error: Call to undefined" }],
  ["packed", { type: php, body: gzipSync(fatal), fields: [["Content-Encoding", "gzip"]] }],
])("an error that PHP died of is no bot's answer: %s", (_name, answer) => {
  expect(judge(answer)).toBe("program_error");
});

test.each<[string, Answer]>([
  ["told in a sentence", { type: php, body: "No Fatal error:  all is well" }],
  ["in a text", { type: "text/plain", body: "Fatal error:  none" }],
])("a bot that speaks of errors is none that died: %s", (_name, answer) => {
  expect(judge(answer)).toBeNull();
});

const apacheDefault = `\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml">\n  <head>`;
const maintenance = "<html><head><title>Maintenance</title></head><body>Back soon</body></html>";
const coded = (coding: string): [string, string][] => [["Content-Encoding", coding]];

test.each<[string, Answer]>([
  ["Apache's default page", { type: "text/html", body: apacheDefault }],
  [
    "Caddy's and lighttpd's folder of files",
    { type: html, body: "<!DOCTYPE html>\n<html>\n\n<head>" },
  ],
  ["nginx, a maintenance page", { type: "text/html", body: maintenance }],
  [
    "Flask, a template",
    { type: html, body: "<!doctype html>\n<html lang=en>\n<title>Shop</title>" },
  ],
  [
    "behind a byte order mark and blank lines",
    { type: "text/html", body: `\ufeff\r\n\r\n${maintenance}` },
  ],
  ["behind a comment", { type: "text/html", body: `<!-- built 12:00 -->\n${maintenance}` }],
  ["behind what a script wrote before it", { type: "text/html", body: `OK${maintenance}` }],
  ["typed as text", { type: "text/plain", body: maintenance }],
  ["without a type", { body: `\n${maintenance}` }],
  [
    "XHTML",
    {
      type: "application/xhtml+xml",
      body: '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">',
    },
  ],
  ["in UTF-16", { type: "text/html", body: Buffer.from(`\ufeff${maintenance}`, "utf16le") }],
  ["a page's source", { body: "<?php\nrequire 'vendor/autoload.php';" }],
  ["gzip", { type: html, body: gzipSync(maintenance), fields: coded("gzip") }],
  [
    "gzip, cut off",
    {
      type: html,
      body: gzipSync(maintenance + "x".repeat(99)).subarray(0, 70),
      fields: coded("gzip"),
    },
  ],
  ["deflate", { type: html, body: deflateSync(maintenance), fields: coded("deflate") }],
  ["br", { type: html, body: brotliCompressSync(maintenance), fields: coded("br") }],
])("a web page is none of a bot's answers: %s", (_name, answer) => {
  expect(judge(answer)).toBe("web_page");
});

test("comments without an end are looked through in a moment, and a coded flood is no page", () => {
  expect(judge({ type: "text/html", body: "<!---->".repeat(146) })).toBeNull();
  expect(judge({ body: "<!--".repeat(256) })).toBeNull();
  const flood = gzipSync(Buffer.alloc(900_000, 32));
  expect(flood.length).toBeLessThan(1_024);
  expect(judge({ type: html, body: flood, fields: coded("gzip") })).toBeNull();
});

// What Apache 2.4 passes on from behind `ProxyPass`, as received: no type, and the line as the body.
test.each([
  ["SSH", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n"],
  ["SMTP", "220 mail.example.com ESMTP Postfix\r\n"],
  ["Redis", "-ERR unknown command 'POST'\r\n"],
  ["POP3", "+OK ready\r\n"],
  ["IMAP", "* OK [CAPABILITY IMAP4rev1] ready\r\n"],
  ["an answer within an answer", "HTTP/1.1 200 OK\r\n\r\n"],
  ["MySQL", "J\u0000\u0000\u0000\n8.0.36\u0000"],
])("the greeting of a server of another kind is none of a bot's answers: %s", (_name, body) => {
  const fields = [server("Apache/2.4.71 (Debian)")];
  expect(judge({ body: Buffer.from(body, "latin1"), fields })).toBe("not_http");
  expect(judge({ type: "text/plain", body, fields })).toBeNull();
});

test.each<[string, string, boolean]>([
  ["Age", "1", true],
  ["Age", "0", false],
  ["Age", "soon", false],
  ["X-Cache", "HIT", true],
  ["x-cache", "HIT from cache.example.com", true],
  ["X-Cache", "Hit from cloudfront", true],
  ["X-Cache", "RefreshHit from cloudfront", true],
  ["X-Cache", "TCP_MEM_HIT", true],
  ["X-Cache", "MISS, HIT", true],
  ["X-Cache", "MISS from hit.example.com", false],
  ["X-Cache", "MISS", false],
  ["X-Cache-Status", "HIT", true],
  ["X-Cache-Status", "STALE", true],
  ["X-Cache-Status", "BYPASS", false],
  ["CF-Cache-Status", "HIT", true],
  ["CF-Cache-Status", "DYNAMIC", false],
  ["X-Varnish", "5 3", true],
  ["X-Varnish", "2", false],
  ["Cache-Status", "ExampleCache; hit", true],
  ["Cache-Status", "Origin; fwd=miss, Edge; hit; ttl=30", true],
  ["Cache-Status", "ExampleCache; hit=?0; fwd=miss", false],
  ["Cache-Status", "ExampleCache; fwd=uri-miss", false],
])("what a cache says of itself is believed: %s: %s", (name, value, isHit) => {
  expect(judge({ body: "OK", fields: [[name, value]] })).toBe(isHit ? "from_cache" : null);
});

const usual: AnswerShape = { statusCode: 200, mediaType: "", size: "empty", server: "" };
const text = "Sorry, this service has moved. Please ask your administrator for the new address.";

test.each<[string, Answer, Doubt | null]>([
  [
    "another server and a text",
    { type: "text/plain", body: text, fields: [server("gateway")] },
    "changed_shape",
  ],
  ["a text of the same server", { type: "text/plain", body: text }, null],
  ["another server, a word", { type: "text/plain", body: "OK", fields: [server("nginx")] }, null],
  [
    "another server, JSON",
    { type: "application/json", body: `{"${text}":1}`, fields: [server("nginx")] },
    null,
  ],
  ["another server, nothing", { fields: [server("nginx")] }, null],
])(
  "a channel's answers have changed only where another server answers otherwise: %s",
  (_name, answer, doubt) => {
    expect(judge(answer, usual)).toBe(doubt);
    expect(judge(answer, null)).toBeNull();
  },
);

test("a new version of the same server is no change", () => {
  const known: AnswerShape = { ...usual, server: "nginx", size: "short" };
  const answer = { type: "text/plain", body: text, fields: [server("nginx/1.24.0 (Ubuntu)")] };
  expect(judge(answer, known)).toBeNull();
});
