#!/usr/bin/env bash
# nginx 1.22.1 (Debian 12), `proxy_pass` to a server that greets like a mail server instead of speaking HTTP.
# Expected: 502 Bad Gateway, whichever protocol the client speaks.
# Seen: nginx takes the greeting for an HTTP/0.9 answer and passes it on. Over HTTP/1.1 the client gets the greeting without
# status line or headers. HTTP/2 needs a status, so `:status` is 000: RFC 9110 section 15 has no such status, and clients read
# it as the number 0.
# Exit code 1 when that has changed. Needs: nginx, node, openssl.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
chmod 755 "$temp"
PATH=$PATH:/usr/sbin nginx -v 2>&1
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/key.pem" -out "$temp/cert.pem" -days 1 -subj /CN=localhost 2>/dev/null
cat >"$temp/play.mjs" <<'JS'
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { createServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { setTimeout as wait } from "node:timers/promises";

const temp = process.argv[2];
const portOf = (some) => new Promise((done) => some.listen(0, "127.0.0.1", () => done(some.address().port)));
const greeter = createServer((socket) => {
  socket.on("error", () => {}).resume();
  socket.end("220 mail.example.com ESMTP ready\r\n");
});
const upstream = await portOf(greeter);
const free = createServer();
const port = await portOf(free);
await new Promise((done) => free.close(done));
writeFileSync(`${temp}/nginx.conf`, `daemon off;
pid ${temp}/nginx.pid;
error_log ${temp}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${temp}/body;
  proxy_temp_path ${temp}/proxy;
  fastcgi_temp_path ${temp}/fastcgi;
  uwsgi_temp_path ${temp}/uwsgi;
  scgi_temp_path ${temp}/scgi;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${temp}/cert.pem;
    ssl_certificate_key ${temp}/key.pem;
    location / { proxy_pass http://127.0.0.1:${upstream}; }
  }
}
`);
const nginx = spawn("nginx", ["-e", "stderr", "-c", `${temp}/nginx.conf`], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });

const http1 = () =>
  new Promise((done, fail) => {
    const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
    let answer = "";
    socket.on("data", (piece) => (answer += piece));
    socket.on("error", fail);
    socket.on("close", () => done(JSON.stringify(answer)));
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  });

const http2 = () =>
  new Promise((done, fail) => {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on("error", fail);
    const stream = session.request({ ":path": "/" });
    // The raw list has the field as it stood on the wire.
    stream.on("response", (headers, flags, raw) => {
      session.destroy();
      done(`:status ${raw?.[raw.indexOf(":status") + 1] ?? headers[":status"]}`);
    });
    stream.on("error", fail);
    stream.resume();
  });

try {
  let first;
  for (let tries = 0; first === undefined; tries++) {
    first = await http1().catch((error) => {
      if (tries > 100) throw error;
    });
    await wait(50);
  }
  console.log(`HTTP/1.1: ${first}`);
  console.log(`HTTP/2: ${await http2()}`);
} finally {
  nginx.kill();
  greeter.close();
}
JS
seen=$(node "$temp/play.mjs" "$temp")
echo "$seen"
[ "$seen" = 'HTTP/1.1: "220 mail.example.com ESMTP ready\r\n"
HTTP/2: :status 000' ]
