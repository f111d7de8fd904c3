// The bot server of the benches, in a process of its own: reads the request, answers 200, and tells on request how many
// requests came and when. Behaviour by path: /ok, /hang (never answers), /slow (20 ms), /after?ms=50 (after so long),
// /partly?share=5 (never answers 5 of 100 requests, evenly spread, the others at once).
import { createServer } from "node:http";

let count = 0;
let arrivals = [];
let record = false;

const server = createServer((request, response) => {
  const arrivedAt = performance.timeOrigin + performance.now();
  const chunks = [];
  request.on("data", (chunk) => {
    if (record) chunks.push(chunk);
  });
  request.on("end", () => {
    count += 1;
    if (record) arrivals.push([Buffer.concat(chunks).toString(), arrivedAt]);
    if (request.url.startsWith("/hang")) return;
    if (request.url.startsWith("/partly") && isPartHung(request.url)) return;
    const answer = () => response.writeHead(200).end();
    if (request.url.startsWith("/slow")) setTimeout(answer, 20);
    else if (request.url.startsWith("/after")) setTimeout(answer, afterMs(request.url));
    else answer();
  });
});

const afterMs = (url) => Number(new URLSearchParams(url.split("?")[1]).get("ms"));

/** Requests of each such URL so far. */
const partlyCounts = new Map();

function isPartHung(url) {
  const counted = partlyCounts.get(url) ?? 0;
  partlyCounts.set(url, counted + 1);
  const share = Number(new URLSearchParams(url.split("?")[1]).get("share"));
  return (counted * share) % 100 < share;
}

server.keepAliveTimeout = 60_000;
server.listen(0, "0.0.0.0", () => process.send({ port: server.address().port }));

process.on("message", (message) => {
  if (message === "count") process.send({ count });
  if (message === "record") {
    record = true;
    arrivals = [];
  }
  if (message === "arrivals") {
    process.send({ arrivals });
    arrivals = [];
    record = false;
  }
});
process.on("disconnect", () => process.exit(0));
