import type { FastifyInstance, FastifyRequest } from "fastify";
import { decodeBody, refuseCoding } from "./decode-body.ts";

const types = ["application/json", "application/x-ndjson"];

/** Bodies stay bytes until the route has checked who asks: nothing is parsed for a stranger. */
export function takePlainBodies(app: FastifyInstance): void {
  takeBodies(app, async (request, body) => {
    refuseCoding(request.headers["content-encoding"]);
    return body;
  });
}

/** The same, for the routes added to `app`, of bodies with a Content-Encoding. A route's limit holds before and after decoding. */
export function takeCodedBodies(app: FastifyInstance): void {
  takeBodies(app, (request, body) =>
    decodeBody(body, request.headers["content-encoding"], request.routeOptions.bodyLimit),
  );
}

function takeBodies(
  app: FastifyInstance,
  take: (request: FastifyRequest, body: Buffer) => Promise<Buffer>,
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(types, { parseAs: "buffer" }, take);
}
