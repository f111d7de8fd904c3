import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { createChannelViews } from "#lib/causes/channel-views.ts";
import { isDatabaseAway } from "#lib/database-away.ts";
import { logFailure } from "#lib/database-log.ts";
import type { Database } from "#lib/db.ts";
import { createAnswerJudge } from "#lib/delivered-answers/judge.ts";
import { keepCertificates } from "#lib/endpoint-health/keep-certificates.ts";
import { createLiveSignal, type LiveSignal } from "#lib/live/signal.ts";
import type { Log } from "#lib/log.ts";
import {
  type ClaimedWebhook,
  claimWebhooks,
  type Lane,
  lanes,
  returnWebhooks,
} from "#lib/queue/claim.ts";
import { endUnsent } from "#lib/queue/end-unsent.ts";
import { noteDefect } from "#lib/queue/set-aside.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { recordErrors } from "#lib/recording/record-errors.ts";
import type { DatabaseClock } from "#lib/time/database-clock.ts";
import type { DeliveryOutcome, DeliveryRequest } from "#lib/transport/schema.ts";
import { type CertificateSights, createCertificateSights } from "./certificate-sights.ts";
import { createDeliver, webhookDestination } from "./deliver.ts";
import { createDoubtfulPlace, type DoubtfulPlace } from "./doubtful-place.ts";
import { createLoop, type Loop, type Nap } from "./loop.ts";
import { createPlaces, type Destination, type HeldPlace, shareSlots } from "./places.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { createSettingsChanges, type SettingsChange } from "./settings-changes.ts";
import { createClaimShares } from "./share-out.ts";
import { createTurns, type Turns } from "./turns.ts";

export type WorkerOptions = {
  database: Database;
  send: (request: DeliveryRequest) => Promise<DeliveryOutcome>;
  slots: number;
  scheduleMs: readonly number[];
  notificationWindowMs: number;
  encryptionKey: Buffer;
  log: Log;
  /** The database's time, which attempts are written down with; absent: the process's own. */
  clock?: Pick<DatabaseClock, "now" | "settle">;
  random?: () => number;
};

export type Worker = {
  start: () => void;
  /** New work was committed. */
  notify: () => void;
  /** Settings changed: what is in hand and has not begun is not sent with the old ones. */
  recheck: (change: SettingsChange) => void;
  /** Ends or gives back what is in hand and writes every outcome. */
  stop: () => Promise<void>;
};

/** DNS, TCP, TLS, answer and body can take 9 s together; the rest is for waiting in hand and for recording. */
const leaseMs = 20_000;
/**
 * A webhook that waited in hand this long is not begun any more: its lease might end while it is sent, and a change of
 * settings that nobody told of (the listening connection was down) has to hold within 5 s.
 */
const staleMs = 4_000;
const idleMs = 200;
/** Channels that get a turn in one claim, at least and at most. */
const turnsMin = 16;
const turnsMax = 128;
/** Outcomes not yet written, beyond which nothing more is claimed. */
const pendingMax = 2_000;

/** Delivers what is due until it is stopped. Any number of workers may run over one database. */
export function createWorker(options: WorkerOptions): Worker {
  const { database, log } = options;
  const clock = options.clock ?? ownClock;
  const doubtful = createDoubtfulPlace();
  const live = createLiveSignal(database.pool, (error) =>
    logFailure(
      log,
      error,
      "open pages could not be told of changes; they look again by themselves",
      {
        level: "warn",
      },
    ),
  );
  const certificates = createCertificateSights({
    keep: (sights) => keepCertificates(database.pool, sights),
    onFailure: (error) =>
      logFailure(log, error, "certificates could not be written down; their next sight is", {
        level: "warn",
      }),
  });
  const recorder = notingCertificates(
    freeingPlaces(openRecorder(database.pool, options, live), doubtful),
    certificates,
  );
  const shares = shareSlots(options.slots);
  const places = createPlaces({ shares, wanted: (lane) => turnsOf[lane].wanted() });
  /** The channel has a place again, in both lanes, and the other lane perhaps a slot: the webhook's own looks by itself. */
  const leave = (place: HeldPlace): void => {
    places.leave(place);
    const { lane, channelId } = place.to;
    turnsOf[lanes.first].freed(channelId);
    turnsOf[lanes.redelivery].freed(channelId);
    loops[lane === lanes.first ? lanes.redelivery : lanes.first].begin();
  };
  const changes = createSettingsChanges();
  const deliver = createDeliver({
    send: options.send,
    recorder,
    places: { enter: places.enter, leave },
    encryptionKey: options.encryptionKey,
    now: clock.now,
  });

  const attempt = async (webhook: ClaimedWebhook): Promise<void> => {
    try {
      await deliver(webhook);
    } catch (error) {
      doubtful.leave(webhook);
      await noteDefect(database.pool, [webhook], error);
      throw error;
    }
  };

  const handle = async ({ webhook, heldSince }: Held): Promise<void> => {
    const isStale = performance.now() - heldSince >= staleMs;
    const verdict = isStale ? "claim again" : changes.verdict(webhook, heldSince);
    if (verdict === "send") return attempt(webhook);
    if (verdict === "end") return recorder.unsent(webhook);
    await returnWebhooks(database.pool, [webhook]).finally(() => doubtful.leave(webhook));
  };

  const turnsOfLane = (lane: Lane): Turns<Held> =>
    createTurns({
      keyOf: ({ webhook }) => webhook.channelId,
      verdict: ({ to }) => (to === null ? "begin" : places.verdict(to)),
      hasSlot: () => places.hasSlot(lane),
      onLow: () => loops[lane].notify(),
    });
  const turnsOf: Record<Lane, Turns<Held>> = {
    [lanes.first]: turnsOfLane(lanes.first),
    [lanes.redelivery]: turnsOfLane(lanes.redelivery),
  };

  const loopOf = (lane: Lane): Loop => {
    const slots = shares.of[lane];
    const waiting = turnsOf[lane];
    const claimShares = createClaimShares({ slots, waiting, places });
    let turns = turnsMax;
    return createLoop<Held>({
      slots,
      waiting,
      idleMs,
      congested: () => recorder.pending() > pendingMax,
      claim: async (wanted) => {
        // What is taken is sent at once, and stored by the time at which it was.
        await clock.settle();
        // From before the claim, which reads the settings: a change in between counts as later.
        const heldSince = performance.now();
        const claimed = await doubtful.claim((doubtfulMax) =>
          claimWebhooks(database.pool, {
            lane,
            turnsMax: Math.min(turns, wanted),
            leaseMs,
            excluded: claimShares.excluded(),
            share: (channelIds) => claimShares.shareOut(channelIds, wanted),
            doubtfulMax,
            onSetAside: (webhookIds) =>
              log.error(
                { webhookIds },
                "webhooks set aside: no attempt had an outcome; see Operations > Stuck webhooks",
              ),
          }),
        );
        // Where channels have much, fewer turns with more webhooks each cost less; where they have little, more turns.
        turns =
          claimed.length >= wanted * 0.8
            ? Math.max(turnsMin, turns / 2)
            : Math.min(turnsMax, turns * 2);
        return claimed.map((webhook) => ({ webhook, heldSince, to: webhookDestination(webhook) }));
      },
      handle,
      giveBack: (held) =>
        returnWebhooks(
          database.pool,
          held.map(({ webhook }) => webhook),
        ),
      onDefect: (error, what) =>
        logFailure(log, error, `the delivery loop met an unexpected error (${what})`),
      nap,
    });
  };

  const loops: Record<Lane, Loop> = {
    [lanes.first]: loopOf(lanes.first),
    [lanes.redelivery]: loopOf(lanes.redelivery),
  };
  return {
    start: () => {
      for (const loop of Object.values(loops)) loop.start();
    },
    // What is accepted is a first attempt. Redeliveries are due at times of their own, which the naps are short enough for.
    notify: () => loops[lanes.first].notify(),
    recheck: changes.note,
    stop: async () => {
      await Promise.all(Object.values(loops).map((loop) => loop.stop()));
      while (recorder.pending() > 0) await pause(10);
      await certificates.flush();
      await live.stop();
    },
  };
}

const ownClock = { now: () => new Date(), settle: async () => undefined };

function nap(ms: number): Nap {
  let end: () => void = () => undefined;
  const over = new Promise<void>((settle) => {
    const timer = setTimeout(settle, ms);
    end = () => {
      clearTimeout(timer);
      settle();
    };
  });
  return { over, end: () => end() };
}

type Held = { webhook: ClaimedWebhook; heldSince: number; to: Destination | null };

function openRecorder(pool: Pool, options: WorkerOptions, live: LiveSignal): Recorder {
  const { log } = options;
  const viewsOf = createChannelViews(pool, (error) =>
    logFailure(log, error, "likely causes are chosen without the channel's other attempts", {
      level: "warn",
    }),
  );
  const judge = createAnswerJudge();
  return createRecorder({
    judge: ({ webhook, outcome: { statusCode, response } }) =>
      judge(webhook, { statusCode, ...response }),
    recordDelivered: async (batch) => {
      const recorded = await recordDelivered(pool, batch);
      reportLost(log, batch.length - recorded.length);
      tellEnded(
        live,
        batch.map((one) => one.webhook),
      );
    },
    recordErrors: async (batch) => {
      const fates = await recordErrors(pool, batch, {
        scheduleMs: options.scheduleMs,
        notificationWindowMs: options.notificationWindowMs,
        random: options.random ?? Math.random,
        viewsOf,
      });
      reportLost(log, batch.length - fates.size);
      const channelIds = batch.map(({ webhook }) => webhook.channelId);
      live.tell("errors", channelIds);
      live.tell("deliveries", channelIds);
    },
    endUnsent: async (batch) => {
      await endUnsent(pool, batch);
      tellEnded(live, batch);
    },
    onFailure: (error, batch, next) =>
      logFailure(log, error, `outcomes could not be written (${next})`, {
        size: batch.length,
        first: batch[0]?.id,
      }),
    noteDefect: (batch, error) => noteDefect(pool, batch, error),
    isDatabaseAway,
    sleep: (ms) => pause(ms),
  });
}

/** What a redelivery came to stands beside the errors that it follows. */
function tellEnded(live: LiveSignal, webhooks: readonly ClaimedWebhook[]): void {
  const channelIds = (some: readonly ClaimedWebhook[]) => some.map((webhook) => webhook.channelId);
  live.tell("deliveries", channelIds(webhooks));
  live.tell("errors", channelIds(webhooks.filter((webhook) => webhook.attempt > 1)));
}

/** A doubtful webhook is in hand until its outcome is written: writing may be what fails. */
function freeingPlaces(recorder: Recorder, doubtful: DoubtfulPlace): Recorder {
  return {
    ...recorder,
    record: (one) => recorder.record(one).finally(() => doubtful.leave(one.webhook)),
    unsent: (webhook) => recorder.unsent(webhook).finally(() => doubtful.leave(webhook)),
  };
}

function notingCertificates(recorder: Recorder, certificates: CertificateSights): Recorder {
  return {
    ...recorder,
    record: (one) => {
      const { certificate } = one.outcome;
      const { channelId, url } = one.webhook;
      if (certificate !== undefined && url !== null) {
        certificates.note({ channelId, url, ...certificate });
      }
      return recorder.record(one);
    },
  };
}

function reportLost(log: Log, count: number): void {
  if (count > 0)
    log.warn(
      { count },
      "attempts ended after their lease had expired: whoever holds them now records them",
    );
}
