// Simulated days on a real database: attempts are recorded by the product's own record step with the times they are said
// to have had, and windows are closed as the engine does it, by a clock that the caller turns.
import { randomUUID } from "node:crypto";
import type { Database } from "#lib/db.ts";
import { takeHealthSteps } from "#lib/endpoint-health/take-steps.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import type { ClosingOptions } from "#lib/notifications/schema.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { recordErrors } from "#lib/recording/record-errors.ts";
import type { ErrorClass } from "#lib/transport/error-class.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";

export type Failure = {
  error: ErrorClass;
  /** The last step of the redelivery: its webhook is stopped. */
  isLast?: boolean;
};

/** What a bot server does in a stretch of time, `to` excluded: `count` attempts every `everySeconds`, beginning at `from`. */
export type Stretch = {
  /** `09:05` or `09:05:20`. */
  from: string;
  to: string;
  everySeconds: number;
  count: number;
  as: "delivered" | Failure;
};

/** Something that a person does at a minute of the day. */
export type Deed = { at: string; act: (channelIds: readonly string[]) => Promise<unknown> };

export type Attempt = { channelId: string; at: Date; as: "delivered" | Failure };

type Simulation = {
  database: Database;
  closing: Omit<ClosingOptions, "now">;
  start: Date;
  hours: number;
  traffic: ReadonlyMap<string, readonly Stretch[]>;
  deeds?: readonly Deed[];
};

const minuteMs = 60_000;
/**
 * The engine closes windows once a second, here at these seconds of a minute: a window settles before a recovery is noted, and
 * what was closed early is told.
 */
const closesAtSeconds = [15, 20, 25];
/** So long after an attempt something of it may become due: its window settles, its recovery is told. */
const wakeMinutes = 8;

/** Runs the clock from `start` on and returns every attempt there was. */
export async function simulate(simulation: Simulation): Promise<Attempt[]> {
  const { database, closing, start, hours, deeds = [] } = simulation;
  const attempts = plan(simulation);
  let next = 0;
  let awakeUntil = 0;
  const failing = new Set<string>();
  for (const { minute, second, isLast } of looksOf(hours)) {
    const done = deeds.filter(
      ({ at }) => second === closesAtSeconds[0] && secondsOf(at) === minute * 60,
    );
    for (const { act } of done) await act([...simulation.traffic.keys()]);
    const now = new Date(start.getTime() + minute * minuteMs + second * 1_000);
    const end = attempts.findIndex(({ at }, index) => index >= next && at > now);
    const due = attempts.slice(next, end === -1 ? attempts.length : end);
    next += due.length;
    const isEventful = due.some(
      ({ channelId, as }) => as !== "delivered" || failing.has(channelId),
    );
    await record(database, due, failing);
    if (isEventful) awakeUntil = minute + wakeMinutes;
    if (minute > awakeUntil) continue;
    if (failing.size > 0) await takeHealthSteps(database, neverLongFailing, now);
    await closeDueWindows(database.pool, { ...closing, now });
    if (isLast && minute === awakeUntil && (await hasWaiting(database))) awakeUntil += wakeMinutes;
  }
  return attempts;
}

/** When the engine looks, in order. */
const looksOf = (hours: number) =>
  Array.from({ length: hours * 60 }, (_, minute) =>
    closesAtSeconds.map((second) => ({
      ...{ minute, second, isLast: second === closesAtSeconds.at(-1) },
    })),
  ).flat();

async function hasWaiting({ pool }: Database): Promise<boolean> {
  const { rows } = await pool.query<{ waits: boolean }>(
    "select exists (select from notices where told_at is null) as waits",
  );
  return rows[0]?.waits ?? false;
}

const neverLongFailing = { limitMs: 72 * 3_600_000, suspends: false };

function plan({ start, traffic }: Simulation): Attempt[] {
  return [...traffic]
    .flatMap(([channelId, stretches]) =>
      stretches.flatMap((stretch) => attemptsOf(channelId, stretch, start)),
    )
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

function attemptsOf(channelId: string, stretch: Stretch, start: Date): Attempt[] {
  const { everySeconds, count, as } = stretch;
  const [from, to] = [secondsOf(stretch.from), secondsOf(stretch.to)];
  const turns = Math.ceil((to - from) / everySeconds);
  return Array.from({ length: turns * count }, (_, index) => {
    const seconds = from + Math.floor(index / count) * everySeconds;
    const spreadMs = Math.floor(((index % count) * everySeconds * 1_000) / count);
    return { channelId, as, at: new Date(start.getTime() + seconds * 1_000 + spreadMs) };
  });
}

function secondsOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  return hours * 3_600 + minutes * 60 + seconds;
}

/**
 * A delivery matters to what is told where something failed before it: the others are left out, so that a day takes
 * seconds. Of several in a row the first is recorded: it is the recovery.
 */
async function record(
  database: Database,
  due: readonly Attempt[],
  failing: Set<string>,
): Promise<void> {
  let at = 0;
  while (at < due.length) {
    const isDelivered = due[at]?.as === "delivered";
    const end = due.findIndex(
      (one, index) => index > at && (one.as === "delivered") !== isDelivered,
    );
    const run = due.slice(at, end === -1 ? due.length : end);
    at += run.length;
    if (isDelivered) await deliver(database, run, failing);
    else await fail(database, run, failing);
  }
}

async function deliver(
  database: Database,
  run: readonly Attempt[],
  failing: Set<string>,
): Promise<void> {
  const first = new Map(run.toReversed().map((one) => [one.channelId, one]));
  const telling = [...first.values()].filter(({ channelId }) => failing.has(channelId));
  const webhooks = await takeInHand(database, telling);
  await recordDelivered(
    database.pool,
    telling.flatMap(({ at }, index) => {
      const webhook = webhooks[index];
      if (webhook === undefined) return [];
      const outcome = { ...seenAt(at), state: "delivered" as const, statusCode: 200 };
      return [{ webhook, outcome: { ...outcome, retryAfterMs: null, response: noAnswer } }];
    }),
  );
  for (const { channelId } of telling) failing.delete(channelId);
}

async function fail(
  database: Database,
  run: readonly Attempt[],
  failing: Set<string>,
): Promise<void> {
  const webhooks = await takeInHand(database, run);
  for (const isLast of [false, true]) {
    const failed = run.flatMap(({ at, as }, index) => {
      const webhook = webhooks[index];
      if (webhook === undefined || as === "delivered" || (as.isLast ?? false) !== isLast) return [];
      const outcome = { ...seenAt(at), state: "error" as const, error: as.error };
      return [{ webhook, outcome: { ...outcome, retryAfterMs: null, response: null } }];
    });
    await recordErrors(database.pool, failed, {
      scheduleMs: isLast ? [] : [5_000],
      notificationWindowMs: 300_000,
      random: () => 0.5,
    });
  }
  for (const { channelId } of run) failing.add(channelId);
}

const noAnswer = { headers: [], body: Buffer.alloc(0) };

const seenAt = (startedAt: Date) => ({
  startedAt,
  times: { total: 12 },
  note: null,
  seen: { phase: "answer" as const },
  protocol: null,
  remoteAddress: null,
});

/** Puts a webhook for each attempt into the queue, held by a worker. */
async function takeInHand(
  database: Database,
  attempts: readonly Attempt[],
): Promise<ClaimedWebhook[]> {
  const webhooks = attempts.map(({ channelId, at }) => ({
    id: newWebhookId(at),
    channelId,
    lane: 0 as const,
    attempt: 1,
    failures: 0,
    lease: randomUUID(),
    body: '{"events":[]}',
    url: "https://bot.example.com/webhook",
    sealedSecrets: null,
    useWebhook: true,
    isDoubtful: false,
  }));
  if (webhooks.length === 0) return [];
  await database.pool.query(
    `insert into webhook_queue (id, channel_id, lane, due_at, attempt, lease, lease_until, event_count, body)
     select id, channel_id, 0, now(), 1, lease, 'infinity', 0, '{"events":[]}'
       from unnest($1::uuid[], $2::text[], $3::uuid[]) as w (id, channel_id, lease)`,
    [
      webhooks.map(({ id }) => id),
      webhooks.map(({ channelId }) => channelId),
      webhooks.map(({ lease }) => lease),
    ],
  );
  return webhooks;
}
