#!/usr/bin/env bash
# Node.js 18.20.8, 20.20.2, 22.21.1 and 24.11.1: a TLS client that reads its server's certificate, once, by
# socket.getPeerX509Certificate().
# Expected: it can be read again, and socket.getPeerCertificate() goes on telling the same certificate in its older form.
# Seen: that one reading is the last. From then on getPeerX509Certificate() gives undefined and getPeerCertificate(), with and
# without `true` for the chain, an empty object, for as long as the connection lives; getPeerCertificate() alone can be
# called as often as one likes. Code that knows "no certificate" by that takes the server for one that has shown none.
# Exit code 1 when that has changed. Needs: node with npm, openssl.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/key.pem" -out "$temp/cert.pem" -days 1 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null
cat >"$temp/read.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:tls";

const [key, cert] = ["key.pem", "cert.pem"].map((file) => readFileSync(`${process.argv[2]}/${file}`));
const server = createServer({ key, cert });
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const { port } = server.address();

/** What each reading, in turn, gives on a connection of its own. */
async function read(...ways) {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: cert });
  await new Promise((done, fail) => socket.once("secureConnect", done).once("error", fail));
  const given = ways.map((way) => {
    if (way === "x509") return socket.getPeerX509Certificate()?.subject ?? "nothing";
    return socket.getPeerCertificate(way === "chain").subject?.CN ?? "nothing";
  });
  socket.destroy();
  return `${ways.join(", ")}: ${given.join(", ")}`;
}

const seen = [
  await read("plain", "chain", "x509", "x509"),
  await read("x509", "plain", "chain", "x509"),
];
server.close();
console.log(`${process.version}\n  ${seen.join("\n  ")}`);
const known = [
  "plain, chain, x509, x509: localhost, localhost, CN=localhost, nothing",
  "x509, plain, chain, x509: CN=localhost, nothing, nothing, nothing",
];
if (seen.join() !== known.join()) process.exitCode = 1;
JS
for version in 18.20.8 20.20.2 22.21.1 24.11.1; do
  npm install --silent --no-audit --no-fund --prefix "$temp/$version" "node@$version" >/dev/null
  "$temp/$version/node_modules/node/bin/node" "$temp/read.mjs" "$temp"
done
