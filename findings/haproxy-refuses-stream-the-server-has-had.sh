#!/usr/bin/env bash
# HAProxy 2.6.12 (Debian 12), HTTP/2 in front, HTTP/1.1 to a server that closes the connection after reading each request.
# Expected: 502, as over HTTP/1.1. Or, if the stream is reset, INTERNAL_ERROR: the server has received the whole request.
# Seen: over HTTP/1.1 502; over HTTP/2 the stream is reset with REFUSED_STREAM, though the server has read each request to
# its end. RFC 9113 section 8.7 lets a client send such a request again as it is, so what must not happen twice
# can happen twice.
# Exit code 1 when that has changed. Needs: haproxy, node, openssl.
set -euo pipefail
temp=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$temp"' EXIT
haproxy -v | head -1
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/key.pem" -out "$temp/cert.pem" -days 1 -subj /CN=localhost 2>/dev/null
cat "$temp/cert.pem" "$temp/key.pem" >"$temp/both.pem"
cat >"$temp/play.mjs" <<'JS'
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, constants } from "node:http2";
import { request } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const temp = process.argv[2];
const body = JSON.stringify({ order: 17 });
let read = 0;
const server = createServer((asked) => {
  let got = "";
  asked.on("data", (piece) => (got += piece));
  asked.on("end", () => {
    if (got === body) read++;
    asked.socket.destroy();
  });
});
const portOf = (some) => new Promise((done) => some.listen(0, "127.0.0.1", () => done(some.address().port)));
const upstream = await portOf(server);
const free = createTcpServer();
const port = await portOf(free);
await new Promise((done) => free.close(done));
writeFileSync(`${temp}/haproxy.cfg`, `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:${port} ssl crt ${temp}/both.pem alpn h2,http/1.1
  default_backend back
backend back
  server one 127.0.0.1:${upstream}
`);
const haproxy = spawn("haproxy", ["-db", "-f", `${temp}/haproxy.cfg`], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });

const http1 = () =>
  new Promise((done, fail) => {
    const options = { host: "127.0.0.1", port, method: "POST", rejectUnauthorized: false, agent: false };
    const sent = request(options, (answer) => {
      answer.resume();
      done(`${answer.statusCode}`);
    });
    sent.on("error", fail).end(body);
  });

const http2 = () =>
  new Promise((done, fail) => {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on("error", fail);
    const stream = session.request({ ":method": "POST", ":path": "/" });
    let status = "none";
    stream.on("response", (headers) => (status = `${headers[":status"]}`));
    stream.on("error", () => {});
    stream.on("close", () => {
      session.destroy();
      const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
      done(`status ${status}, ${isRefused ? "REFUSED_STREAM" : `code ${stream.rstCode}`}`);
    });
    stream.resume().end(body);
  });

try {
  let first;
  for (let tries = 0; first === undefined; tries++) {
    first = await http1().catch((error) => {
      if (tries > 100) throw error;
    });
    await wait(50);
  }
  const before = read;
  console.log(`HTTP/1.1: ${first}`);
  console.log(`HTTP/2: ${await http2()}; the server had read the request ${read - before} time`);
} finally {
  haproxy.kill();
  server.close();
}
JS
seen=$(node "$temp/play.mjs" "$temp")
echo "$seen"
[ "$seen" = "HTTP/1.1: 502
HTTP/2: status none, REFUSED_STREAM; the server had read the request 1 time" ]
