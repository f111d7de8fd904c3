#!/usr/bin/env bash
# Caddy 2.6.2 (Debian 12), `request_body { max_size 1KB }` before `reverse_proxy`, and before `respond`.
# Expected: 413 for a body of 2,000 bytes.
# Seen: 502 Bad Gateway through `reverse_proxy`, as if the server behind it were down; and 200 where nothing reads the body. The
# limit never leads to 413: it only makes reading the body fail, and the reader decides what that means.
# Exit code 1 when that has changed. Needs: caddy, node.
set -euo pipefail
temp=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$temp"' EXIT
caddy version
cat >"$temp/play.mjs" <<'JS'
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const temp = process.argv[2];
const server = createServer((asked, answer) => asked.resume().on("end", () => answer.end("OK")));
const portOf = (some) => new Promise((done) => some.listen(0, "127.0.0.1", () => done(some.address().port)));
const upstream = await portOf(server);
const free = createTcpServer();
const port = await portOf(free);
await new Promise((done) => free.close(done));
writeFileSync(`${temp}/Caddyfile`, `{
  admin off
  auto_https off
  storage file_system ${temp}
}
http://127.0.0.1:${port} {
  request_body {
    max_size 1KB
  }
  handle /bot {
    reverse_proxy 127.0.0.1:${upstream}
  }
  respond "OK"
}
`);
const env = { ...process.env, HOME: temp };
const caddy = spawn("caddy", ["run", "--config", `${temp}/Caddyfile`, "--adapter", "caddyfile"], { env, stdio: "ignore" });
const ask = async (path, bytes) => (await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: "x".repeat(bytes) })).status;

try {
  let small;
  for (let tries = 0; small === undefined; tries++) {
    small = await ask("/bot", 500).catch((error) => {
      if (tries > 100) throw error;
    });
    await wait(50);
  }
  console.log(`500 bytes through reverse_proxy: ${small}`);
  console.log(`2,000 bytes through reverse_proxy: ${await ask("/bot", 2_000)}`);
  console.log(`2,000 bytes that nothing reads: ${await ask("/", 2_000)}`);
} finally {
  caddy.kill();
  server.closeAllConnections();
  server.close();
}
JS
seen=$(node "$temp/play.mjs" "$temp")
echo "$seen"
[ "$seen" = "500 bytes through reverse_proxy: 200
2,000 bytes through reverse_proxy: 502
2,000 bytes that nothing reads: 200" ]
