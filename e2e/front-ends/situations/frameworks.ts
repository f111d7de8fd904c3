import type { Place } from "#e2e/front-ends/place.ts";
import { startFramework } from "#e2e/front-ends/servers/framework.ts";
import { failingChannel } from "./channel-views.ts";
import { delivered, type Expected, noAnswer, type Situation, status } from "./situation.ts";

const versions = {
  express4: "Express 4.22.3",
  express5: "Express 5.3.0",
  fastify: "Fastify 5.12.8",
  koa: "Koa 3.3.0",
  hono: "Hono 4.13.19",
  h3: "h3 1.15.11",
  polka: "polka 0.5.2",
  restify: "restify 11.1.0",
} as const;
type Framework = keyof typeof versions;

const otherSecret = "0123456789abcdef0123456789abcdef";
const largeBody = { body: Buffer.from(`{"destination":"U","events":[${" ".repeat(200_000)}]}`) };

function rows(
  frameworks: readonly Framework[],
  what: string,
  path: string,
  expected: Expected,
  more: { secret?: string; request?: { body: Buffer }; since?: "secret" | "lately" } = {},
): Situation[] {
  return frameworks.map((framework) => ({
    programs: [],
    name: versions[framework],
    what,
    expected: { plain: expected },
    start: async (place: Place) => {
      const port = await startFramework(place, framework, more.secret);
      const detail = expected.verdict.split(" / ")[1] ?? "";
      return {
        ports: { plain: port, h1: port, h2: port },
        path,
        channel: failingChannel(detail, { since: more.since ?? "lately" }),
        ...(more.request ? { request: more.request } : {}),
      };
    },
  }));
}

/** Frameworks of Node.js, over plain http: what they make of the mistakes people make. */
export const frameworkSituations: readonly Situation[] = [
  ...rows(
    ["express4", "express5", "fastify", "koa", "hono", "restify"],
    "the SDK's `middleware()` has the wrong channel secret",
    "/checked",
    status(500, "signature_breaks_handler"),
    { secret: otherSecret, since: "secret" },
  ),
  ...rows(
    ["express4", "express5"],
    "`express.json()` before the SDK's `middleware()`",
    "/parsed",
    status(500, "signature_breaks_handler"),
    { since: "secret" },
  ),
  ...rows(
    ["koa", "hono", "h3"],
    "the handler works but returns nothing",
    "/nothing",
    status(404, "handler_gave_no_answer"),
  ),
  ...rows(["fastify"], "the handler works but returns nothing", "/nothing", delivered()),
  ...rows(["express4", "polka"], "an async handler throws", "/throws", noAnswer("never_answers")),
  ...rows(
    ["express5", "fastify", "koa", "hono", "h3"],
    "an async handler throws",
    "/throws",
    status(500, "handler_fails_always"),
  ),
  ...rows(
    ["express4", "express5", "fastify", "restify"],
    "no such route",
    "/none",
    status(404, "path_unknown_to_bot"),
  ),
  ...rows(
    ["koa", "hono", "h3", "polka"],
    "no such route: looks like a handler that returns nothing",
    "/none",
    status(404, "handler_gave_no_answer"),
  ),
  ...rows(
    ["express4", "express5", "restify"],
    "a body larger than the parser's limit of 100 kB",
    "/parsed",
    status(413, "body_too_large"),
    { request: largeBody },
  ),
  ...rows(
    ["fastify", "hono"],
    "a body larger than the limit of 100 kB",
    "/ok",
    status(413, "body_too_large"),
    { request: largeBody },
  ),
];
