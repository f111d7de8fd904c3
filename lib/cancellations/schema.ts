/** Webhooks that waited when they were cancelled: so many of so many have ended. */
export type CancellationProgress = { endedCount: number; expectedCount: number };
