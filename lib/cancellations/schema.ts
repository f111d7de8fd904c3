/** Webhooks that waited when they were cancelled: so many of so many have ended. */
export type CancellationProgress = { endedCount: number; expectedCount: number };

/** Above this, what would be cancelled is "more than": counting on would read the whole queue. */
export const cancelledCountMax = 10_000;
