#!/usr/bin/env bash
# Squid 5.7 (Debian 12) in front of one origin (`accel`, `cache_peer … originserver`) that is not running.
# Expected: 503 with ERR_CONNECT_FAIL, as Squid reports a refused connection everywhere else ("Connection refused").
# Seen: 502 with ERR_READ_ERROR, "Read Error", errno 0, as if the origin had accepted the connection and broken it off: the reader
# looks for a crash in a server that was never started.
# Exit code 1 when that has changed. Needs: squid, node.
set -euo pipefail
temp=$(mktemp -d)
trap 'kill "${pid:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$temp"' EXIT
chmod 777 "$temp"
export PATH=$PATH:/usr/sbin
squid -v | head -1
read -r front stopped < <(node -e '
  const { createServer } = require("node:net");
  const servers = [createServer(), createServer()];
  Promise.all(servers.map((s) => new Promise((done) => s.listen(0, "127.0.0.1", done)))).then(() => {
    console.log(...servers.map((s) => s.address().port));
    for (const s of servers) s.close();
  });')
cat >"$temp/squid.conf" <<CONF
http_port 127.0.0.1:$front accel defaultsite=localhost
cache_peer 127.0.0.1 parent $stopped 0 no-query originserver name=origin
http_access allow all
cache_peer_access origin allow all
cache_mem 8 MB
pid_filename none
access_log none
cache_log $temp/cache.log
coredump_dir $temp
netdb_filename none
shutdown_lifetime 0 seconds
pinger_enable off
CONF
squid -N -n "finding$front" -f "$temp/squid.conf" >/dev/null 2>&1 &
pid=$!
seen=$(node --input-type=module -e '
  import { setTimeout as wait } from "node:timers/promises";
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(process.argv[1], { method: "POST", body: "{}" });
      console.log(answer.status, answer.headers.get("x-squid-error"));
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await wait(100);
    }
  }' "http://127.0.0.1:$front/")
echo "$seen"
[ "$seen" = "502 ERR_READ_ERROR 0" ]
