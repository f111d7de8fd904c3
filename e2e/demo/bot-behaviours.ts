import type { IncomingMessage, ServerResponse } from "node:http";

/** How a sample bot server answers once `@line/bot-sdk` has accepted the signature. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const ok: Behaviour = (_request, response) => response.writeHead(200).end("OK");
const status =
  (code: number, text: string): Behaviour =>
  (_request, response) =>
    response.writeHead(code, { "content-type": "text/plain" }).end(text);
const after =
  (ms: number, then: Behaviour): Behaviour =>
  (request, response) => {
    const timer = setTimeout(() => then(request, response), ms);
    response.once("close", () => clearTimeout(timer));
  };
const dropLine: Behaviour = (request) => request.socket.destroy();
const redirect: Behaviour = (_request, response) =>
  response.writeHead(302, { location: "/users/sign_in?next=%2Fwebhook" }).end();
/** As nginx answers for a bot server that is down. */
const badGateway: Behaviour = (_request, response) =>
  response
    .writeHead(502, { server: "nginx/1.22.1", "content-type": "text/html" })
    .end(
      "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n",
    );

/** As a web site answers that takes any request for any path. */
const webPage: Behaviour = (_request, response) =>
  response
    .writeHead(200, { "content-type": "text/html; charset=utf-8", server: "nginx" })
    .end(
      '<!doctype html>\n<html lang="en">\n<title>Harbour Coffee</title>\n<h1>Open daily from 7</h1>\n',
    );
const cached: Behaviour = (_request, response) =>
  response.writeHead(200, { age: "41", "x-cache": "HIT" }).end("OK");

/** Mostly the first, sometimes one of the others. */
const sometimes =
  (share: number, usual: Behaviour, ...others: Behaviour[]): Behaviour =>
  (request, response) => {
    const other = others[Math.floor(Math.random() * others.length)] ?? usual;
    (Math.random() < share ? other : usual)(request, response);
  };

/** Down for the first part of each period, well for the rest: redeliveries succeed. */
const recovering =
  (periodMs: number, downShare: number, down: Behaviour): Behaviour =>
  (request, response) =>
    (Date.now() % periodMs < periodMs * downShare ? down : ok)(request, response);

/** The sample bots, by the last part of their webhook URL. */
export const behaviours: Record<string, Behaviour> = {
  well: after(20, ok),
  mixed: sometimes(
    0.3,
    ok,
    status(500, "Internal Server Error: orders table is locked"),
    status(503, "Service Unavailable"),
    dropLine,
    after(3_000, ok),
  ),
  slow: sometimes(0.6, after(300, ok), after(3_000, ok)),
  failing: status(500, "Traceback (most recent call last): KeyError: 'reply_token'"),
  redirect,
  dropping: dropLine,
  recovering: recovering(60_000, 0.5, badGateway),
  webSite: sometimes(0.1, webPage, cached),
};
