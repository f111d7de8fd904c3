import { readFileSync } from "node:fs";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { BotReport } from "./bot-report.ts";

// A process of its own that answers every webhook with 200 at once and counts which ones came.
// counting-bot.ts http | https CERT KEY | http2 CERT KEY | one-at-a-time CERT KEY

const [kind = "http", cert = "", key = ""] = process.argv.slice(2);
/** How often each webhook came as a first delivery and how often marked as a redelivery. */
const arrivals = new Map<string, { plain: number; marked: number }>();

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

function take(request: Request, response: Response): void {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const id = String(request.headers["webhook-id"]);
    const seen = arrivals.get(id) ?? { plain: 0, marked: 0 };
    if (Buffer.concat(pieces).includes('"isRedelivery":true')) seen.marked++;
    else seen.plain++;
    arrivals.set(id, seen);
    response.writeHead(200, { "content-type": "text/plain" });
    response.end("OK");
  });
}

function start() {
  const identity = () => ({ cert: readFileSync(cert), key: readFileSync(key) });
  switch (kind) {
    case "https":
      return createHttpsServer(identity(), take);
    case "http2":
      return createSecureServer(identity(), take);
    case "one-at-a-time":
      return createSecureServer({ ...identity(), settings: { maxConcurrentStreams: 1 } }, take);
    default:
      return createHttpServer({ keepAliveTimeout: 60_000 }, take);
  }
}

const server = start();
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("message", () => process.send?.(report()));
// Ends with the tests that started it.
process.on("disconnect", () => process.exit(0));

function report(): BotReport {
  const counts = [...arrivals.values()];
  const summary = {
    distinct: counts.length,
    marked: counts.reduce((sum, { marked }) => sum + marked, 0),
    unmarkedTwice: counts.filter(({ plain }) => plain > 1).length,
  };
  arrivals.clear();
  return summary;
}
