import { type Known, ratesAfter, remember } from "./news.ts";
import type { SettledNotification, ToldAs, UntoldReason } from "./schema.ts";

/** What was told of one kind of errors (type and key) of a channel, and what is held since. */
export type Telling = Known & {
  /** The outage that `toldCount` and `rates` are about. */
  threadId: string;
  toldCount: number;
  /** Start of the newest window of which people were told, in whatever outage; null: of none. */
  lastToldAt: Date | null;
  /** Errors of those since then that fell into the pause, or stayed below the channel's threshold. */
  heldCount: number;
  /** Start of the first window of these; null: none, or not known. */
  heldSince: Date | null;
};

/** An outage of a channel: what happens with less than an hour between, until a recovery was told or deliveries cease. */
export type Outage = {
  threadId: string;
  lastAt: Date;
  isOver: boolean;
  /** The end of the newest window in which deliveries had ceased. */
  ceasedUntil: Date | null;
  tellings: Map<string, Telling>;
};

/** What was decided of one notification. */
export type Decided = {
  untold: UntoldReason | null;
  /** Null: nobody is told, or it is no window. */
  toldAs: ToldAs | null;
  /** Since when nothing was delivered, where its window shows that. */
  ceasedSince: Date | null;
};

/** Notifications of one channel with less than this between them belong to one outage. */
const outageGapMs = 3_600_000;
/** As many as the column can hold: what is below a threshold may be held for good. */
const heldMax = 2_147_483_647;

export const kindOf = ({ type, key }: Pick<SettledNotification, "type" | "key">): string =>
  `${type} ${key}`;

/** Deliveries that had ceased may cease anew, as news, when they went on for so many windows. */
const steadyWindows = 2;

/**
 * The outage that a notification belongs to, which begins with it unless one goes on. Deliveries that cease begin a new one
 * (docs/decisions/0018).
 */
export function joinOutage(
  outages: Map<string, Outage>,
  one: SettledNotification,
  ceasedSince: Date | null,
  windowMs: number,
): Outage {
  const current = outages.get(one.channelId);
  const goesOn =
    current !== undefined &&
    !current.isOver &&
    one.detectedAt.getTime() < current.lastAt.getTime() + outageGapMs &&
    !isNewCease(current, ceasedSince, windowMs);
  if (goesOn) return current;
  const tellings = current?.tellings ?? new Map<string, Telling>();
  const begun = {
    threadId: one.id,
    lastAt: one.closedAt,
    isOver: false,
    ceasedUntil: null,
    tellings,
  };
  outages.set(one.channelId, begun);
  return begun;
}

/** A bot server that goes up and down ceases once; one that was up for a while ceases anew. */
export function isNewCease({ ceasedUntil }: Outage, since: Date | null, windowMs: number): boolean {
  if (since === null) return false;
  return ceasedUntil === null || since.getTime() > ceasedUntil.getTime() + steadyWindows * windowMs;
}

/** An approval after the last mail begins anew: what was held before it belongs to the past, which is not told. */
export function tellingIn(
  outage: Outage,
  one: SettledNotification,
  approvedAt: Date | null,
): Telling {
  const stored = outage.tellings.get(kindOf(one));
  const knownSince = stored?.lastToldAt ?? stored?.heldSince ?? null;
  const isPast = approvedAt !== null && knownSince !== null && knownSince < approvedAt;
  if (stored === undefined || isPast) return unheard(outage);
  const { threadId } = outage;
  return stored.threadId === threadId ? stored : { ...stored, threadId, toldCount: 0, rates: {} };
}

const unheard = ({ threadId }: Outage): Telling => ({
  ...{ threadId, toldCount: 0, lastToldAt: null, heldCount: 0, heldSince: null },
  ...{ rates: {}, recent: [] },
});

/** Notes what was decided, for the notifications that follow. */
export function note(
  outage: Outage,
  one: SettledNotification,
  telling: Telling,
  { untold, toldAs, ceasedSince }: Decided,
  windowMs: number,
): void {
  if (one.closedAt > outage.lastAt) outage.lastAt = one.closedAt;
  if (one.type === "recovered") outage.isOver = true;
  if (ceasedSince !== null) outage.ceasedUntil = one.closedAt;
  const kind = kindOf(one);
  if (untold === "reminder_pause" || untold === "below_threshold") {
    outage.tellings.set(kind, withHeld(telling, one));
  } else if (untold === "muted") {
    // Others of its kind were told and go on as they were; nothing of a muted problem is held.
    outage.tellings.set(kind, telling);
  } else if (untold !== null) {
    // Nobody listens: nothing is held for those who will.
    outage.tellings.set(kind, unheard(outage));
  } else {
    outage.tellings.set(kind, {
      ...{ threadId: outage.threadId, lastToldAt: one.detectedAt, heldCount: 0, heldSince: null },
      // What is news is followed by the pauses from the first on.
      toldCount: toldAs === "reminder" || toldAs === null ? telling.toldCount + 1 : 1,
      rates: isWindow(one) ? ratesAfter(one, telling, windowMs) : {},
      recent: isWindow(one) ? remember(telling.recent, one) : [],
    });
  }
}

const withHeld = (telling: Telling, one: SettledNotification): Telling => ({
  ...telling,
  heldCount: Math.min(telling.heldCount + one.errorCount, heldMax),
  heldSince: telling.heldSince ?? one.detectedAt,
  recent: remember(telling.recent, one),
});

/** Whether failures were counted into it, rather than one thing having happened. */
export const isWindow = ({ type }: Pick<SettledNotification, "type">): boolean =>
  type === "error_detected" || type === "redelivery_stopped";
