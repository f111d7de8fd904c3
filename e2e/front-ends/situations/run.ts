import { botHost, createPlace } from "#e2e/front-ends/place.ts";
import { senderToHere } from "#e2e/front-ends/sender-to-here.ts";
import { testRequest, verdictOf } from "#e2e/servers/sending.ts";
import { causeOfOutcome } from "#lib/causes/find-cause.ts";
import { isSlower } from "#lib/causes/unanswered-cause.ts";
import { readHead } from "#lib/delivered-answers/answer-head.ts";
import { doubtOf } from "#lib/delivered-answers/doubt-of.ts";
import { answerTimeoutMs, type DeliveryOutcome, phaseTimeoutMs } from "#lib/transport/schema.ts";
import type { Sender } from "#lib/transport/sender.ts";
import type { Aim, Ends, Expected, Situation, Way } from "./situation.ts";

/** What was seen of a situation, in the terms of what was expected, and the outcome it was taken from. */
export type Observed = { way: Way; observed: Expected; outcome: DeliveryOutcome };

/** Starts what a situation needs and sends a webhook each way it has an expectation for. */
export async function observe(situation: Situation): Promise<Observed[]> {
  const place = createPlace();
  try {
    const aim = await situation.start(place);
    const ways = Object.keys(situation.expected) as Way[];
    // All at once: most of the time is spent waiting for the sender's timers.
    return await Promise.all(
      ways.map(async (way) => {
        const cause = situation.expected[way]?.cause;
        return { way, ...(await sendTo(aim, way, { ca: place.ca, cause })) };
      }),
    );
  } finally {
    await place.close();
  }
}

/** What differs from what is expected, one line each. */
export function differences(expected: Expected, observed: Expected): string[] {
  // What nothing in the answer tells is not found.
  const meant = { ...expected, doubt: expected.doubt === "unseen" ? null : expected.doubt };
  return (Object.keys(meant) as (keyof Expected)[])
    .filter((key) => meant[key] !== observed[key])
    .map((key) => `${key}: expected ${meant[key]}, saw ${observed[key]}`);
}

async function sendTo(
  aim: Aim,
  way: Way,
  known: { ca: string; cause: Expected["cause"] | undefined },
): Promise<Omit<Observed, "way">> {
  const sender = senderToHere(known.ca);
  const scheme = aim.scheme ?? (way === "plain" ? "http" : "https");
  const origin = `${scheme}://${aim.host ?? botHost}:${aim.ports[way]}`;
  try {
    for (const path of aim.earlier ?? []) await sender.send(testRequest(origin + path));
    const request = testRequest(origin + (aim.path ?? "/ok"), aim.request);
    let outcome = await sendUntil(sender, request, aim);
    // A busy machine may take longer than a refusal does, which then looks like a handler that gave up: asked again.
    for (let times = 1; times < 10 && isRefusal(known.cause) && isSlower(outcome.times); times++) {
      outcome = await sendUntil(sender, request, aim);
    }
    const requestBytes = request.body.length;
    const cause = causeOfOutcome(outcome, { url: request.url, requestBytes }, aim.channel ?? null);
    const { phase } = outcome.seen;
    checkProtocol(way, outcome);
    return {
      observed: {
        verdict: verdictOf(outcome),
        phase,
        ends: endsOf(outcome),
        cause,
        doubt: doubtIn(outcome),
      },
      outcome,
    };
  } finally {
    await sender.close();
  }
}

/** Told from a handler that gave up by how soon it comes. */
const isRefusal = (cause: Expected["cause"] | undefined): boolean =>
  cause === "dropped_by_rule" || cause === "nothing_behind_tls_proxy";

/** A port that speaks another protocol than its name says would test the wrong thing. */
function checkProtocol(way: Way, { protocol, seen }: DeliveryOutcome): void {
  const meant = way === "h2" ? "h2" : "http/1.1";
  const wasAskedBack = seen.repeats?.some(({ why }) => why === "http_1_1_required") ?? false;
  if (protocol === null || protocol === meant || wasAskedBack) return;
  throw new Error(`the front end's port for ${way} speaks ${protocol}`);
}

async function sendUntil(
  sender: Sender,
  request: Parameters<Sender["send"]>[0],
  { repeat }: Aim,
): Promise<DeliveryOutcome> {
  let outcome = await sender.send(request);
  for (let times = 1; repeat && times < repeat.timesMax; times++) {
    if (verdictOf(outcome) === repeat.until) break;
    outcome = await sender.send(request);
  }
  return outcome;
}

function doubtIn(outcome: DeliveryOutcome): Expected["doubt"] {
  if (outcome.state !== "delivered") return null;
  const { statusCode, response } = outcome;
  return doubtOf({ ...response, statusCode }, readHead(response.headers), null);
}

function endsOf(outcome: DeliveryOutcome): Ends {
  if (outcome.state === "delivered") return "at once";
  const { detail } = outcome.error;
  const { tls = 0, headers = 0 } = outcome.times;
  // A timer that ended was waited for in full; nothing is said about how much longer a busy machine took.
  if (detail === "Request timeout" && headers >= answerTimeoutMs - 1)
    return "after the answer's 2 s";
  if (detail === "Connection timeout" && tls >= phaseTimeoutMs - 50)
    return "after the handshake's 2 s";
  return "at once";
}
