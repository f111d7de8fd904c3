import type { NotificationPolicy } from "./schema.ts";

/** How long windows are still counted into after their end, at most. */
const waitMaxMs = 15_000;

/** From the end of a window until its mail: failures are recorded seconds after they happen. A twentieth of its length, at most 15 s. */
export const settleWaitMs = ({ windowMs }: Pick<NotificationPolicy, "windowMs">): number =>
  Math.min(waitMaxMs, windowMs / 20);

/** SQL: as `settleWaitMs`, of a window of its own length. */
export const settleWaitSql = (openedAt: string, closedAt: string): string =>
  `least(${settleWaitMaxSql}, (${closedAt} - ${openedAt}) / 20)`;

/** SQL: within this of its end every window is settled. */
export const settleWaitMaxSql = `interval '${waitMaxMs} ms'`;

/**
 * So long after it was closed early a window is still counted into, and opened again if a delivery says that deliveries had not
 * ceased: most attempts of its time are recorded by then. Recipients of many channels are told of all that cease within it together.
 */
export const earlyWaitMs = ({ earlyMs }: Pick<NotificationPolicy, "earlyMs">): number =>
  Math.min(waitMaxMs, earlyMs / 5);

/**
 * How long nothing fails until an outage is said to be over, whoever ended it: the length of a window, by the end of which
 * the mails about its last failures are written, and 5 s for who writes them.
 */
export const quietAfterOutageMs = ({ windowMs }: Pick<NotificationPolicy, "windowMs">): number =>
  windowMs + waitMaxMs + 5_000;
