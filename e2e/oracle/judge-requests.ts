import { createHmac } from "node:crypto";
import type { Arrival } from "#e2e/servers/truth-bot-server.ts";
import type { Played } from "./judge.ts";
import type { Sheet } from "./sheet.ts";
import { type OracleChannel, scheduleSteps, type World } from "./world.ts";

/** A failed attempt as it was recorded. */
type Failure = { reason: string; detail: string; status: number | null; totalMs: number };

/** One webhook with all that is known of it. */
type Trace = {
  id: string;
  state: string;
  channel: OracleChannel | undefined;
  arrivals: Arrival[];
  failures: Failure[];
  /** Claimed and not recorded: whoever had it was killed, or could not write it down. */
  unrecordedCount: number;
};

/** An answer is waited for so long (docs/delivery.md). */
const answerMs = 2_000;
const goneStatus = 410;

/** What each request carried, what its failure was called, and when its webhook ended. */
export async function judgeRequests(sheet: Sheet, world: World, { load }: Played): Promise<void> {
  const { none } = sheet;
  const traces = await traceAll(sheet, world);
  const requests = traces.flatMap((trace) =>
    trace.arrivals.map((arrival) => ({ ...trace, arrival })),
  );
  none(
    "requests not signed with their channel's secret",
    idsOf(requests.filter(({ channel, arrival }) => !isSigned(arrival, channel))),
  );
  const keys = await sheet.list("select key, webhook_id::text as id from idempotency_keys");
  const webhookOf = new Map(keys.map(({ key = "", id = "" }) => [key, id]));
  none(
    "requests with the wrong events, or to the wrong channel's bot server",
    idsOf(
      requests.filter(({ id, channel, arrival }) => {
        const [eventId = "", ...others] = arrival.eventIds;
        const isItsOwn = (load.accepted.get(eventId) ?? webhookOf.get(eventId)) === id;
        const isTheirs = load.channelOf.get(eventId) === channel?.id;
        const number = Number(arrival.path.split("/").at(-1));
        return others.length > 0 || !isItsOwn || !isTheirs || number !== channel?.number;
      }),
    ),
  );
  none(
    "repeats whose bytes differ by more than the mark",
    idsOf(traces.filter(({ arrivals }) => new Set(arrivals.map(unmarked)).size > 1)),
  );
  none(
    "marked as a repeat although nothing came before",
    idsOf(
      traces.filter(
        ({ arrivals, failures, unrecordedCount }) =>
          arrivals[0]?.isRedelivery === true && unrecordedCount === 0 && !failures.some(isUnseen),
      ),
    ),
  );
  none(
    "failures recorded as the wrong kind",
    traces.filter((trace) => !isRightlyNamed(trace, world)).map((trace) => lifeOf(trace, world)),
  );
  none(
    "ended earlier or later than the schedule and the switches say",
    traces.filter((trace) => !isRightlyEnded(trace)).map(({ id, state }) => `${id} ${state}`),
  );
}

/** What the bot server did and what was recorded, for who has to find out which of them is wrong. */
function lifeOf({ id, state, channel, arrivals, failures }: Trace, { bots }: World): string {
  const kind = channel === undefined ? "no channel" : bots.kindOf(channel.number);
  const seen = arrivals.map(({ statusCode }) => statusCode ?? "held").join(" ");
  const recorded = failures.map(
    ({ reason, detail, totalMs }) => `${reason} "${detail}" after ${totalMs} ms`,
  );
  return `${id} ${state}: ${kind} bot answered ${seen || "nothing"}; recorded ${recorded.join(", ")}`;
}

const idsOf = (all: readonly { id: string }[]): string[] => all.map(({ id }) => id);

async function traceAll({ list }: Sheet, world: World): Promise<Trace[]> {
  const log = await list(
    "select id::text, channel_id, state::text, attempts::text from webhooks order by id",
  );
  const attempts = await list(
    `select webhook_id::text as id, reason::text, detail, status_code::text as status, phases->>'total' as ms
       from webhook_attempts order by webhook_id, attempt`,
  );
  const [failuresOf, arrivalsOf] = [new Map<string, Failure[]>(), new Map<string, Arrival[]>()];
  for (const { id = "", reason = "", detail = "", status, ms } of attempts) {
    const failure = { reason, detail, status: status ? Number(status) : null, totalMs: Number(ms) };
    push(failuresOf, id, failure);
  }
  for (const arrival of world.bots.arrivals()) push(arrivalsOf, arrival.webhookId, arrival);
  const channelOf = new Map(world.channels.map((channel) => [channel.id, channel]));
  return log.map(({ id = "", channel_id: channelId = "", state = "", attempts: claimed }) => {
    const failures = failuresOf.get(id) ?? [];
    const recordedCount = failures.length + (state === "delivered" ? 1 : 0);
    return {
      ...{ id, state, failures, channel: channelOf.get(channelId) },
      arrivals: arrivalsOf.get(id) ?? [],
      unrecordedCount: Number(claimed) - recordedCount,
    };
  });
}

function push<T>(all: Map<string, T[]>, id: string, one: T): void {
  const before = all.get(id);
  if (before === undefined) all.set(id, [one]);
  else before.push(one);
}

function isSigned({ body, signature }: Arrival, channel: OracleChannel | undefined): boolean {
  return (
    createHmac("sha256", channel?.secret ?? "")
      .update(body)
      .digest("base64") === signature
  );
}

const unmarked = ({ body }: Arrival): string =>
  body.replace('"isRedelivery":true', '"isRedelivery":false');

/** The bot server had no request of it. */
const isUnseen = ({ reason }: Failure): boolean => reason === "could_not_connect";

/** By what the bot server did. A machine that stands still may let any answer come too late, and the attempt says how long it took. */
function isRightlyNamed({ channel, arrivals, failures }: Trace, { bots }: World): boolean {
  const answered = arrivals.map(({ statusCode }) => statusCode);
  return failures.every(({ reason, detail, status, totalMs }) => {
    switch (reason) {
      case "error_status_code": {
        const at = answered.indexOf(status);
        if (at >= 0) answered.splice(at, 1);
        return at >= 0 && detail === String(status) && !isSuccess(status);
      }
      case "request_timeout":
        return detail === "Request timeout" && totalMs >= answerMs;
      case "could_not_connect":
        return (
          detail === "Connection failed" &&
          channel !== undefined &&
          bots.kindOf(channel.number) === "refused"
        );
      default:
        return false;
    }
  });
}

const isSuccess = (status: number | null): boolean =>
  status !== null && status >= 200 && status < 300;

function isRightlyEnded({ state, channel, failures }: Trace): boolean {
  const { redelivers = false, endsEarly = false } = channel ?? {};
  const tries = scheduleSteps.length + 1;
  const goneAt = failures.findIndex(({ status }) => status === goneStatus);
  switch (state) {
    case "delivered":
      return failures.length < (redelivers ? tries : 1);
    case "stopped":
      return redelivers && failures.length === (goneAt < 0 ? tries : goneAt + 1);
    case "failed":
      return !redelivers && failures.length === 1;
    case "cancelled":
      return endsEarly && failures.length < tries + 1;
    case "not_sent":
      return endsEarly && failures.length === 0;
    default:
      return false;
  }
}
