import { newsIn } from "./news.ts";
import {
  type Decided,
  isNewCease,
  isWindow,
  joinOutage,
  note,
  type Outage,
  type Telling,
  tellingIn,
} from "./outage.ts";
import type { Reminder, SettledNotification, ToldAs, UntoldReason } from "./schema.ts";

/** What becomes of one notification: in which thread, and whether and why people are told. */
export type Verdict = Decided & {
  /** Null: a test or the end of a certificate, which belong to no outage. */
  threadId: string | null;
  reminder: Reminder | null;
};

export type Circumstances = {
  /** Since when the channel has the function; null: it has not. */
  approvedAt: Date | null;
  /** Whether anybody is told of such notifications of the channel. */
  hasAudience: boolean;
  /** Since when nothing was delivered, see `ceasedSince`; null: something was. */
  ceasedSince: Date | null;
  /** Every error of it is of a muted problem. */
  isMuted?: boolean;
  /** It has fewer errors than the channel's threshold. */
  isBelow?: boolean;
  pausesMs: readonly number[];
  windowMs: number;
};

/**
 * Decides about one notification and notes it in `outages`, so notifications of one channel must come in the order of
 * their time.
 *
 * Every window is counted and stored; of those of one kind in one outage the first is told at once, and a further one
 * when it shows something new or the pause since the last told one is over (docs/decisions/0010 and 0018). The last
 * pause repeats. A window below the channel's threshold is not told, unless deliveries had ceased (0036). Errors of windows
 * that are not told are held, and told with the next of their kind that is.
 */
export function paceNotification(
  outages: Map<string, Outage>,
  one: SettledNotification,
  circumstances: Circumstances,
): Verdict {
  const barred = whyBarred(one, circumstances);
  const silent = { threadId: null, toldAs: null, ceasedSince: null, reminder: null };
  if (one.type === "test" || one.type === "certificate_ends") return { ...silent, untold: barred };
  const isShown = barred === null && one.type === "error_detected";
  const ceasedSince = isShown ? circumstances.ceasedSince : null;
  const outage = joinOutage(outages, one, ceasedSince, circumstances.windowMs);
  const telling = tellingIn(outage, one, circumstances.approvedAt);
  const isBelow = circumstances.isBelow === true && ceasedSince === null;
  const untold = barred ?? whyUntold(outage, one, isBelow);
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

/** What stands in the way whatever the notification says. */
function whyBarred(
  one: SettledNotification,
  { approvedAt, isMuted, hasAudience }: Circumstances,
): UntoldReason | null {
  if (approvedAt === null) return "not_approved";
  // A step or a recovery is news of now, however long ago the outage began.
  if (isWindow(one) && one.detectedAt < approvedAt) return "before_approval";
  if (isMuted) return "muted";
  return hasAudience ? null : "nobody";
}

function whyUntold(
  outage: Outage,
  { type }: SettledNotification,
  isBelow: boolean,
): UntoldReason | null {
  if (type === "error_detected" && isBelow) return "below_threshold";
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
  { pausesMs, windowMs }: Pick<Circumstances, "pausesMs" | "windowMs">,
): ToldAs | null {
  const { toldCount, lastToldAt } = telling;
  if (hasCeased) return "ceased";
  if (toldCount === 0 || lastToldAt === null) return "first";
  const news = newsIn(one, telling, windowMs);
  if (news !== null) return news;
  return one.detectedAt >= pauseEnd({ toldCount, lastToldAt }, pausesMs) ? "reminder" : null;
}

/** A window that begins then or later is told as a reminder. Of kinds that were told. */
export function pauseEnd(
  { toldCount, lastToldAt }: { toldCount: number; lastToldAt: Date },
  pausesMs: readonly number[],
): Date {
  const pauseMs = pausesMs[Math.min(toldCount, pausesMs.length) - 1] ?? 0;
  return new Date(lastToldAt.getTime() + pauseMs);
}

function reminderFor({ lastToldAt, heldCount }: Telling, toldAs: ToldAs | null): Reminder | null {
  if (toldAs === null) return null;
  if (lastToldAt === null) return heldCount > 0 ? { since: null, heldCount } : null;
  return toldAs === "reminder" || heldCount > 0 ? { since: lastToldAt, heldCount } : null;
}
