#!/usr/bin/env bash
# Apache 2.4.71 (Debian 12), `ProxyPass` to a server that reads the request and closes the connection without an answer, and
# `LimitRequestBody 1000` for everything.
# Expected: 502 over HTTP/1.1 and over HTTP/2; 413 for a body of 2,000 bytes, whatever answers it.
# Seen: 502 over HTTP/1.1, but 500 "Internal Server Error" over HTTP/2: the proxy blames itself for the server's fault.
# And the limit applies to Apache's own files (413), not to what it passes on: the server gets all 2,000 bytes, whether the
# directive is in the virtual host or in the <Location> of the ProxyPass itself.
# Exit code 1 when that has changed. Needs: apache2, node, openssl.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
chmod 777 "$temp"
PATH=$PATH:/usr/sbin apache2 -v | head -1
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/key.pem" -out "$temp/cert.pem" -days 1 -subj /CN=localhost 2>/dev/null
mkdir "$temp/site" && echo hello >"$temp/site/page.txt" && chmod -R a+rX "$temp"
cat >"$temp/play.mjs" <<'JS'
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:http2";
import { request } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const temp = process.argv[2];
const body = "x".repeat(2_000);
const server = createServer((asked, answer) => {
  let bytes = 0;
  asked.on("data", (piece) => (bytes += piece.length));
  asked.on("end", () => {
    if (asked.url === "/crash") asked.socket.destroy();
    else answer.end(`${bytes}`);
  });
});
const portOf = (some) => new Promise((done) => some.listen(0, "127.0.0.1", () => done(some.address().port)));
const upstream = await portOf(server);
const free = createTcpServer();
const port = await portOf(free);
await new Promise((done) => free.close(done));
const modules = ["mpm_event", "authz_core", "ssl", "socache_shmcb", "http2", "proxy", "proxy_http"];
writeFileSync(`${temp}/apache.conf`, `ServerRoot ${temp}
ServerName localhost
PidFile ${temp}/apache.pid
DefaultRuntimeDir ${temp}
Mutex file:${temp} default
ErrorLog ${temp}/error.log
${process.getuid() === 0 ? "User nobody\nGroup nogroup" : ""}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
Listen 127.0.0.1:${port}
<VirtualHost 127.0.0.1:${port}>
  Protocols h2 http/1.1
  SSLEngine on
  SSLCertificateFile ${temp}/cert.pem
  SSLCertificateKeyFile ${temp}/key.pem
  LimitRequestBody 1000
  DocumentRoot ${temp}/site
  <Location /bot>
    LimitRequestBody 1000
    ProxyPass http://127.0.0.1:${upstream}
  </Location>
</VirtualHost>
`);
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const apache = spawn("apache2", ["-D", "FOREGROUND", "-f", `${temp}/apache.conf`], { env, stdio: "ignore" });

const http1 = (path, sent = "") =>
  new Promise((done, fail) => {
    const options = { host: "127.0.0.1", port, path, method: "POST", rejectUnauthorized: false, agent: false };
    const asked = request(options, async (answer) => {
      let text = "";
      for await (const piece of answer) text += piece;
      done(answer.statusCode === 200 ? `200, ${text.trim()}` : `${answer.statusCode}`);
    });
    asked.on("error", fail).end(sent);
  });

const http2 = (path) =>
  new Promise((done, fail) => {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on("error", fail);
    const stream = session.request({ ":method": "POST", ":path": path });
    stream.on("response", (headers) => done(`${headers[":status"]}`));
    stream.on("error", fail);
    stream.on("close", () => session.destroy());
    stream.resume().end("{}");
  });

try {
  let first;
  for (let tries = 0; first === undefined; tries++) {
    first = await http1("/bot/crash").catch((error) => {
      if (tries > 100) throw error;
    });
    await wait(50);
  }
  console.log(`ended without an answer, HTTP/1.1: ${first}`);
  console.log(`ended without an answer, HTTP/2: ${await http2("/bot/crash")}`);
  console.log(`2,000 bytes to a file: ${await http1("/page.txt", body)}`);
  console.log(`2,000 bytes handed on, bytes the server got: ${await http1("/bot/", body)}`);
} finally {
  apache.kill();
  server.close();
}
JS
seen=$(node "$temp/play.mjs" "$temp")
echo "$seen"
[ "$seen" = "ended without an answer, HTTP/1.1: 502
ended without an answer, HTTP/2: 500
2,000 bytes to a file: 413
2,000 bytes handed on, bytes the server got: 200, 2000" ]
