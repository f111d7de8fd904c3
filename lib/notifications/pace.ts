import type { SettledNotification, UntoldReason } from "./schema.ts";

/** What was settled before for one kind of errors (type and key) of one outage. */
export type ToldBefore = {
  toldCount: number;
  /** Start of the newest of which people were told; null: of none. */
  lastToldAt: Date | null;
  /** Errors of those since then that fell into the pause. */
  heldCount: number;
};

/** An outage of a channel: what happens with less than an hour between, until a recovery was told. */
export type Outage = {
  threadId: string;
  lastAt: Date;
  isOver: boolean;
  before: Map<string, ToldBefore>;
};

/** What becomes of one notification: in which thread, and whether people are told. */
export type Verdict = {
  threadId: string | null;
  untold: UntoldReason | null;
  reminder: { since: Date; heldCount: number } | null;
};

/** Notifications of one channel with less than this between them belong to one outage. */
const outageGapMs = 3_600_000;

export const kindOf = ({ type, key }: Pick<SettledNotification, "type" | "key">): string =>
  `${type} ${key}`;

/**
 * Decides about one notification and notes it in `outages`, so notifications of one channel must come in the order of
 * their time. `approvedAt` is since when the channel has the function; null: it has not.
 *
 * Every window is counted and stored; of those of one kind in one outage the first is told at once, and a further one
 * when the pause since the last told one is over (docs/decisions/0010). The last pause repeats.
 */
export function paceNotification(
  outages: Map<string, Outage>,
  one: SettledNotification,
  { approvedAt, pausesMs }: { approvedAt: Date | null; pausesMs: readonly number[] },
): Verdict {
  if (one.type === "test") {
    return { threadId: null, untold: approvedAt === null ? "not_approved" : null, reminder: null };
  }
  const outage = joinOutage(outages, one);
  const before = outage.before.get(kindOf(one)) ?? { toldCount: 0, lastToldAt: null, heldCount: 0 };
  const untold = whyUntold(outage, one, before, approvedAt, pausesMs);
  const reminder =
    untold === null && before.lastToldAt !== null
      ? { since: before.lastToldAt, heldCount: before.heldCount }
      : null;
  note(outage, one, before, untold);
  return { threadId: outage.threadId, untold, reminder };
}

function joinOutage(outages: Map<string, Outage>, one: SettledNotification): Outage {
  const current = outages.get(one.channelId);
  const goes =
    current !== undefined && one.detectedAt.getTime() < current.lastAt.getTime() + outageGapMs;
  if (goes && !current.isOver) return current;
  const begun = { threadId: one.id, lastAt: one.closedAt, isOver: false, before: new Map() };
  outages.set(one.channelId, begun);
  return begun;
}

function whyUntold(
  outage: Outage,
  one: SettledNotification,
  before: ToldBefore,
  approvedAt: Date | null,
  pausesMs: readonly number[],
): UntoldReason | null {
  if (approvedAt === null) return "not_approved";
  // A step or a recovery is news of now, however long ago the outage began.
  const isWindow = one.type === "error_detected" || one.type === "redelivery_stopped";
  if (isWindow && one.detectedAt < approvedAt) return "before_approval";
  if (one.type === "recovered") {
    const wasTold = [...outage.before.values()].some(({ toldCount }) => toldCount > 0);
    return wasTold ? null : "outage_untold";
  }
  if (one.type === "endpoint_failing" || before.lastToldAt === null) return null;
  const pauseMs = pausesMs[Math.min(before.toldCount, pausesMs.length) - 1] ?? 0;
  const isDue = one.detectedAt.getTime() >= before.lastToldAt.getTime() + pauseMs;
  return isDue ? null : "reminder_pause";
}

function note(
  outage: Outage,
  one: SettledNotification,
  before: ToldBefore,
  untold: UntoldReason | null,
): void {
  if (one.closedAt > outage.lastAt) outage.lastAt = one.closedAt;
  if (one.type === "recovered") outage.isOver = true;
  const told = untold === null;
  outage.before.set(kindOf(one), {
    toldCount: before.toldCount + (told ? 1 : 0),
    lastToldAt: told ? one.detectedAt : before.lastToldAt,
    heldCount: told ? 0 : before.heldCount + (untold === "reminder_pause" ? one.errorCount : 0),
  });
}
