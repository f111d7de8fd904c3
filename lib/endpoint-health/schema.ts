import type { ErrorReason } from "#lib/transport/error-class.ts";

/** Shares of the limit at which the people of a channel are warned, each once per outage. */
export const warningPercents = [50, 70, 90, 100] as const;

/** What is told by mail: a share of the limit, or that sending was suspended at its end. */
export const endpointSteps = ["50", "70", "90", "100", "suspended"] as const;
export type EndpointStep = (typeof endpointSteps)[number];

/** From when on a failing bot server is too long gone, and whether sending stops then. */
export type FailingPolicy = { limitMs: number; suspends: boolean };

/** An outage that a delivered webhook ended. */
export type PastOutage = { since: Date; recoveredAt: Date; failedCount: number };

/** How a channel's bot server stands, as far as attempts tell. */
export type EndpointHealth =
  | { state: "delivering"; recovered: PastOutage | null }
  | ({ state: "failing" } & Outage)
  | ({ state: "suspended"; suspendedAt: Date } & Outage);

/** What the pages of a channel tell about its bot server, see `healthReport`. */
export type HealthReport =
  | ({ kind: "recovered" } & PastOutage)
  /** `limitAt` is when the limit ends. */
  | ({ kind: "failing"; percent: number; limitAt: Date; suspends: boolean } & Outage)
  | ({ kind: "suspended"; suspendedAt: Date; canResume: boolean } & Outage);

type Outage = {
  /** Start of the first failed attempt after the last delivered one. */
  since: Date;
  lastFailureAt: Date;
  failedCount: number;
  /** Of the last failed attempt. */
  reason: ErrorReason;
  detail: string;
};

/** Shorter outages are part of every server's life and are not noted when they end. */
export const notedOutageMs = 5 * 60_000;
/** How long the console tells that a bot server has recovered. */
export const recoveredShownMs = 24 * 3_600_000;

/**
 * How much of the limit an outage has used up, in whole per cent, at most 100. Measured up to the last failed attempt, not
 * to now: a bot server to which nothing was sent has not failed.
 */
export function usedPercent(
  outage: Pick<Outage, "since" | "lastFailureAt">,
  limitMs: number,
): number {
  const failingMs = outage.lastFailureAt.getTime() - outage.since.getTime();
  return Math.min(100, Math.floor((failingMs * 100) / limitMs));
}

/** The certificate of a channel's bot server, as its deliveries saw it. */
export type KnownCertificate = {
  host: string;
  endsAt: Date;
  /** At most an hour before it was last seen. */
  seenAt: Date;
  /** Whole days; negative once it has ended. */
  daysLeft: number;
  /** Within 14 days, or the last third of its life where that is shorter. */
  endsSoon: boolean;
};
