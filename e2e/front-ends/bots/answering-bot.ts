import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer, type Server } from "node:net";
import { gzipSync } from "node:zlib";
import type { Place } from "#e2e/front-ends/place.ts";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** "Under maintenance" in Shift_JIS (JIS X 0208), as older Japanese hosting sends it. */
const shiftJisPage = Buffer.concat([
  Buffer.from("<html><body>"),
  Buffer.from([0x83, 0x81, 0x83, 0x93, 0x83, 0x65, 0x83, 0x69, 0x83, 0x93, 0x83, 0x58, 0x92, 0x86]),
  Buffer.from("</body></html>"),
]);

const html = { "content-type": "text/html; charset=utf-8" };

/** What a bot server does with a webhook, by the path it was sent to. */
const answers = {
  "/ok": (response) => response.writeHead(200, { "content-type": "text/plain" }).end("OK"),
  // Its process or handler dies with the request in hand.
  "/crash": (response) => response.destroy(),
  "/hang": () => {},
  "/html": (response) => response.writeHead(200, html).end("<!doctype html><title>Shop</title>"),
  "/error": (response) => response.writeHead(500).end("Internal Server Error"),
  "/not-found": (response) => response.writeHead(404).end("Not Found"),
  "/sign-in": (response) => response.writeHead(302, { location: "/users/sign_in" }).end(),
  "/moved": (response) => response.writeHead(301, { location: "/new-webhook" }).end(),
  "/maintenance": (response) =>
    response
      .writeHead(503, { ...html, "retry-after": "600" })
      .end("<html><body>Down for maintenance</body></html>"),
  "/shift-jis": (response) =>
    response.writeHead(503, { "content-type": "text/html; charset=Shift_JIS" }).end(shiftJisPage),
  "/gzip": (response) =>
    response
      .writeHead(500, { "content-type": "text/plain", "content-encoding": "gzip" })
      .end(gzipSync("TypeError: Cannot read properties of undefined (reading 'source')")),
  "/too-many": (response) => response.writeHead(429, { "retry-after": "5" }).end(),
  "/cached": (response) =>
    response.writeHead(200, { "cache-control": "public, max-age=600" }).end("OK"),
} satisfies Record<string, Answer>;

/** A bot server over plain http that behaves as the path says; ends with the place. Gives its port. */
export async function startBot(place: Place): Promise<number> {
  const byPath = new Map<string, Answer>(Object.entries(answers));
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => (byPath.get(request.url ?? "") ?? answers["/ok"])(response, request));
  });
  place.onClose(() => server.closeAllConnections());
  return listen(place, server);
}

/** A server that greets whoever connects, as a mail server does: where a proxy's target was mistyped. Gives its port. */
export function startMailServer(place: Place): Promise<number> {
  return listen(
    place,
    createTcpServer((socket) => {
      socket.on("error", () => {}).resume();
      socket.end("220 mail.bot.test ESMTP ready\r\n");
    }),
  );
}

/** A server that takes connections and says nothing. Gives its port. */
export function startSilentServer(place: Place): Promise<number> {
  const server = createTcpServer((socket) => {
    place.onClose(() => socket.destroy());
    socket.on("error", () => {}).resume();
  });
  return listen(place, server);
}

async function listen(place: Place, server: Server): Promise<number> {
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  place.onClose(() => new Promise((settle) => server.close(settle)));
  return (server.address() as AddressInfo).port;
}
