import { type Known, newsIn, ratesAfter, remember } from "./news.ts";
import type { Reminder, SettledNotification, ToldAs, UntoldReason } from "./schema.ts";

/** What was told of one kind of errors (type and key) of a channel, and what is held since. */
export type Telling = Known & {
  /** The outage that `toldCount` and `rates` are about. */
  threadId: string;
  toldCount: number;
  /** Start of the newest window of which people were told, in whatever outage; null: of none. */
  lastToldAt: Date | null;
  /** Errors of those since then that fell into the pause. */
  heldCount: number;
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

/** What becomes of one notification: in which thread, and whether and why people are told. */
export type Verdict = {
  threadId: string | null;
  untold: UntoldReason | null;
  /** Null: nobody is told, or it is no window. */
  toldAs: ToldAs | null;
  ceasedSince: Date | null;
  reminder: Reminder | null;
};

export type Circumstances = {
  /** Since when the channel has the function; null: it has not. */
  approvedAt: Date | null;
  /** Whether anybody is told of such notifications of the channel. */
  hasAudience: boolean;
  /** Since when nothing was delivered, see `ceasedSince`; null: something was. */
  ceasedSince: Date | null;
  pausesMs: readonly number[];
  windowMs: number;
};

type Decided = Pick<Verdict, "untold" | "toldAs" | "ceasedSince">;

/** Notifications of one channel with less than this between them belong to one outage. */
const outageGapMs = 3_600_000;

export const kindOf = ({ type, key }: Pick<SettledNotification, "type" | "key">): string =>
  `${type} ${key}`;

/** Deliveries that had ceased may cease anew, as news, when they went on for so many windows. */
const steadyWindows = 2;

/**
 * Decides about one notification and notes it in `outages`, so notifications of one channel must come in the order of
 * their time.
 *
 * Every window is counted and stored; of those of one kind in one outage the first is told at once, and a further one
 * when it shows something new or the pause since the last told one is over (docs/decisions/0010 and 0018). The last
 * pause repeats. Errors of windows that are not told are held, and told with the next of their kind that is.
 */
export function paceNotification(
  outages: Map<string, Outage>,
  one: SettledNotification,
  circumstances: Circumstances,
): Verdict {
  const barred = whyBarred(one, circumstances);
  const silent = { threadId: null, toldAs: null, ceasedSince: null, reminder: null };
  if (one.type === "test") return { ...silent, untold: barred };
  const isShown = barred === null && one.type === "error_detected";
  const ceasedSince = isShown ? circumstances.ceasedSince : null;
  const outage = joinOutage(outages, one, ceasedSince, circumstances.windowMs);
  const telling = tellingIn(outage, one, circumstances.approvedAt);
  const untold = barred ?? whyUntold(outage, one);
  const toldAs =
    untold === null && isWindow(one)
      ? whyTold(
          one,
          telling,
          isNewCease(outage, ceasedSince, circumstances.windowMs),
          circumstances,
        )
      : null;
  const isHeld = untold === null && isWindow(one) && toldAs === null;
  const decided = { untold: isHeld ? ("reminder_pause" as const) : untold, toldAs, ceasedSince };
  note(outage, one, telling, decided, circumstances.windowMs);
  return { threadId: outage.threadId, ...decided, reminder: reminderFor(telling, toldAs) };
}

const isWindow = ({ type }: SettledNotification): boolean =>
  type === "error_detected" || type === "redelivery_stopped";

/** What stands in the way whatever the notification says. */
function whyBarred(
  one: SettledNotification,
  { approvedAt, hasAudience }: Circumstances,
): UntoldReason | null {
  if (approvedAt === null) return "not_approved";
  // A step or a recovery is news of now, however long ago the outage began.
  if (isWindow(one) && one.detectedAt < approvedAt) return "before_approval";
  return hasAudience ? null : "nobody";
}

function joinOutage(
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
function isNewCease({ ceasedUntil }: Outage, since: Date | null, windowMs: number): boolean {
  if (since === null) return false;
  return ceasedUntil === null || since.getTime() > ceasedUntil.getTime() + steadyWindows * windowMs;
}

/** An approval after the last mail begins anew: what was held before it belongs to the past, which is not told. */
function tellingIn(outage: Outage, one: SettledNotification, approvedAt: Date | null): Telling {
  const stored = outage.tellings.get(kindOf(one));
  const isPast =
    approvedAt !== null && stored?.lastToldAt != null && stored.lastToldAt < approvedAt;
  if (stored === undefined || isPast) return unheard(outage);
  const { threadId } = outage;
  return stored.threadId === threadId ? stored : { ...stored, threadId, toldCount: 0, rates: {} };
}

const unheard = ({ threadId }: Outage): Telling => ({
  ...{ threadId, toldCount: 0, lastToldAt: null, heldCount: 0 },
  ...{ rates: {}, recent: [] },
});

function whyUntold(outage: Outage, { type }: SettledNotification): UntoldReason | null {
  if (type !== "recovered") return null;
  const wasTold = [...outage.tellings.values()].some(
    ({ threadId, toldCount }) => threadId === outage.threadId && toldCount > 0,
  );
  return wasTold ? null : "outage_untold";
}

function whyTold(
  one: SettledNotification,
  telling: Telling,
  hasCeased: boolean,
  { pausesMs, windowMs }: Circumstances,
): ToldAs | null {
  const { toldCount, lastToldAt } = telling;
  if (hasCeased) return "ceased";
  if (toldCount === 0 || lastToldAt === null) return "first";
  const news = newsIn(one, telling, windowMs);
  if (news !== null) return news;
  const pauseMs = pausesMs[Math.min(toldCount, pausesMs.length) - 1] ?? 0;
  return one.detectedAt.getTime() >= lastToldAt.getTime() + pauseMs ? "reminder" : null;
}

function reminderFor({ lastToldAt, heldCount }: Telling, toldAs: ToldAs | null): Reminder | null {
  if (lastToldAt === null || toldAs === null) return null;
  return toldAs === "reminder" || heldCount > 0 ? { since: lastToldAt, heldCount } : null;
}

function note(
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
  if (untold === "reminder_pause") {
    const heldCount = telling.heldCount + one.errorCount;
    outage.tellings.set(kind, { ...telling, heldCount, recent: remember(telling.recent, one) });
  } else if (untold !== null) {
    // Nobody listens: nothing is held for those who will.
    outage.tellings.set(kind, unheard(outage));
  } else {
    outage.tellings.set(kind, {
      ...{ threadId: outage.threadId, lastToldAt: one.detectedAt, heldCount: 0 },
      // What is news is followed by the pauses from the first on.
      toldCount: toldAs === "reminder" || toldAs === null ? telling.toldCount + 1 : 1,
      rates: isWindow(one) ? ratesAfter(one, telling, windowMs) : {},
      recent: isWindow(one) ? remember(telling.recent, one) : [],
    });
  }
}
