import { describe, expect, test } from "vitest";
import { type Exchange, noAnswer } from "./exchange.ts";
import { type AttemptFacts, notSent } from "./outcome.ts";
import { nextTry } from "./repeat.ts";
import type { Observation, Repeat } from "./schema.ts";

const early = { elapsedMs: 10, answerLeftMs: 2_000 };
const facts = (observation: Observation, exchange: Partial<Exchange> | null): AttemptFacts => ({
  ...notSent,
  observation,
  exchange: exchange && { ...noAnswer, observation, ...exchange },
});
const refused: Observation = { kind: "stream_reset", phase: "headers", code: "REFUSED_STREAM" };
const goAway = (code = "NO_ERROR"): Observation => ({ kind: "goaway", phase: "headers", code });
const closed: Observation = { kind: "closed", phase: "headers" };
const unprocessed = { isUnprocessed: true };
const reused = { isReused: true };
const repeated = (why: Repeat["why"]): Repeat => ({ why, afterMs: 1, isMarked: false });

describe("what is sent again", () => {
  const table: [string, AttemptFacts, string | null, boolean][] = [
    ["above a GOAWAY's last stream", facts(goAway(), unprocessed), "goaway", false],
    ["GOAWAY before anything was written", facts(goAway(), null), "goaway", false],
    ["GOAWAY that admitted the stream", facts(goAway(), reused), null, false],
    ["REFUSED_STREAM", facts(refused, {}), "refused_stream", true],
    ["any other reset", facts({ ...refused, code: "CANCEL" }, reused), null, false],
    [
      "a reset on a used connection that is going away",
      facts({ ...refused, code: "PROTOCOL_ERROR" }, { ...reused, isGoingAway: true }),
      "reused_connection_ended",
      true,
    ],
    [
      "the same on a connection of its own",
      facts({ ...refused, code: "PROTOCOL_ERROR" }, { isGoingAway: true }),
      null,
      false,
    ],
    [
      "HTTP/1.1 required for the stream",
      facts({ ...refused, code: "HTTP_1_1_REQUIRED" }, {}),
      "http_1_1_required",
      false,
    ],
    [
      "HTTP/1.1 required for the connection",
      facts(goAway("HTTP_1_1_REQUIRED"), null),
      "http_1_1_required",
      false,
    ],
    [
      "a used connection that ended in silence",
      facts(closed, reused),
      "reused_connection_ended",
      true,
    ],
    ["… with some bytes of an answer", facts(closed, { ...reused, hasBytes: true }), null, false],
    ["a connection of its own that ended", facts(closed, {}), null, false],
    [
      "a connection that ended before the request",
      facts({ kind: "closed", phase: "tls" }, null),
      "connection_ended_unused",
      false,
    ],
    [
      "408 and close on a used connection",
      facts({ kind: "answered", statusCode: 408 }, { ...reused, hasBytes: true }),
      "reused_connection_ended",
      true,
    ],
    [
      "408 of a bot server that goes on",
      facts({ kind: "answered", statusCode: 408 }, { ...reused, hasBytes: true, isLast: false }),
      null,
      false,
    ],
    ["408 to a first request", facts({ kind: "answered", statusCode: 408 }, {}), null, false],
    ["500 on a used connection", facts({ kind: "answered", statusCode: 500 }, reused), null, false],
    ["no answer in time", facts({ kind: "timed_out", phase: "headers" }, reused), null, false],
    [
      "a refused connection",
      facts({ kind: "failed", phase: "tcp", code: "ECONNREFUSED" }, null),
      null,
      false,
    ],
    ["no answer to the handshake", facts({ kind: "timed_out", phase: "tls" }, null), null, false],
  ];
  test.each(table)("%s", (_name, seen, why, isMarked) => {
    const next = nextTry(seen, [], early);
    expect(next && { why: next.why, isMarked: next.isMarked }).toEqual(why && { why, isMarked });
  });
});

test("a server that just sent us away and then does not answer the handshake is asked once more", () => {
  const silent = facts({ kind: "timed_out", phase: "tls" }, null);
  const next = nextTry(silent, [repeated("goaway")], { elapsedMs: 2_050, answerLeftMs: 1_990 });
  expect(next).toEqual({ why: "connection_ended_unused", isMarked: false });
  const both = [repeated("goaway"), repeated("connection_ended_unused")];
  expect(nextTry(silent, both, early)).toBeNull();
});

describe("how often", () => {
  test("a bot server that may have had the request gets it once more, whatever the reason", () => {
    for (const before of ["refused_stream", "reused_connection_ended"] as const) {
      expect(nextTry(facts(refused, {}), [repeated(before)], early)).toBeNull();
      expect(nextTry(facts(closed, reused), [repeated(before)], early)).toBeNull();
    }
  });

  test("one that turns every request away gets no endless row of them", () => {
    const goAways = (count: number) => Array.from({ length: count }, () => repeated("goaway"));
    expect(nextTry(facts(goAway(), unprocessed), goAways(9), early)).not.toBeNull();
    expect(nextTry(facts(goAway(), unprocessed), goAways(10), early)).toBeNull();
  });

  test("one that complains in its GOAWAY gets fewer", () => {
    const calm = facts(goAway("ENHANCE_YOUR_CALM"), unprocessed);
    expect(nextTry(calm, [repeated("goaway")], early)).not.toBeNull();
    expect(nextTry(calm, [repeated("goaway"), repeated("goaway")], early)).toBeNull();
  });

  test("nothing begins when the attempt's time is over", () => {
    const seen = facts(goAway(), unprocessed);
    expect(nextTry(seen, [], { ...early, elapsedMs: 3_000 })).toBeNull();
    expect(nextTry(seen, [], { ...early, answerLeftMs: 99 })).toBeNull();
  });
});
