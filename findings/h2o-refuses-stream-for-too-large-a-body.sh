#!/usr/bin/env bash
# H2O 2.2.5 (Debian 12), `limit-request-body`: one setting, two answers.
# Expected: a body above the limit gets 413, whatever the protocol.
# Seen: over HTTP/1.1 413; over HTTP/2 the stream is reset with REFUSED_STREAM, whose meaning is that nothing was
# processed and the request may be sent again as it is (RFC 9113 section 8.7). A client that does so repeats forever, and
# nobody learns that the body was too large.
# Exit code 1 when that has changed. Needs: h2o, node, openssl.
set -euo pipefail
temp=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; rm -rf "$temp"' EXIT
chmod 755 "$temp"
h2o -v | head -1
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/key.pem" -out "$temp/cert.pem" -days 1 -subj /CN=localhost 2>/dev/null
read -r plain secure < <(node -e '
  const { createServer } = require("node:net");
  const servers = [createServer(), createServer()];
  Promise.all(servers.map((s) => new Promise((done) => s.listen(0, "127.0.0.1", done)))).then(() => {
    console.log(...servers.map((s) => s.address().port));
    for (const s of servers) s.close();
  });')
cat >"$temp/h2o.conf" <<CONF
$([ "$(id -u)" = 0 ] && echo "user: nobody")
limit-request-body: 1000
error-log: $temp/error.log
listen:
  host: 127.0.0.1
  port: $plain
listen:
  host: 127.0.0.1
  port: $secure
  ssl:
    certificate-file: $temp/cert.pem
    key-file: $temp/key.pem
hosts:
  default:
    paths:
      /:
        status: ON
CONF
touch "$temp/error.log" && chmod 666 "$temp/error.log"
h2o -c "$temp/h2o.conf" >"$temp/out.log" 2>&1 &
pid=$!
cat >"$temp/ask.mjs" <<'JS'
import { request } from "node:http";
import { connect, constants } from "node:http2";
import { setTimeout as wait } from "node:timers/promises";

const [plain, secure] = process.argv.slice(2);
const body = "x".repeat(2_000);

const http1 = () =>
  new Promise((done, fail) => {
    const sent = request({ host: "127.0.0.1", port: plain, method: "POST" }, (answer) => {
      answer.resume();
      done(`${answer.statusCode}`);
    });
    sent.on("error", fail).end(body);
  });

const http2 = () =>
  new Promise((done, fail) => {
    const session = connect(`https://127.0.0.1:${secure}`, { rejectUnauthorized: false });
    session.on("error", fail);
    const stream = session.request({ ":method": "POST", ":path": "/", "content-length": body.length });
    let status = "none";
    stream.on("response", (headers) => (status = `${headers[":status"]}`));
    stream.on("error", () => {});
    stream.on("close", () => {
      const [name = "?"] = Object.entries(constants).find(
        ([key, value]) => key.startsWith("NGHTTP2_") && value === stream.rstCode && /REFUSED|NO_ERROR|CANCEL/.test(key),
      ) ?? [`code ${stream.rstCode}`];
      session.destroy();
      done(`status ${status}, ended by ${name}`);
    });
    stream.resume().end(body);
  });

let first;
for (let tries = 0; first === undefined; tries++) {
  first = await http1().catch((error) => {
    if (tries > 100) throw error;
  });
  await wait(50);
}
console.log(`HTTP/1.1: ${first}`);
console.log(`HTTP/2: ${await http2()}`);
JS
seen=$(node "$temp/ask.mjs" "$plain" "$secure")
echo "$seen"
[ "$seen" = "HTTP/1.1: 413
HTTP/2: status none, ended by NGHTTP2_REFUSED_STREAM" ]
