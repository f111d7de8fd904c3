/** What a page can follow: errors of a channel (and what becomes of them), or everything in its log of webhooks. */
export const liveTopics = ["errors", "deliveries"] as const;
export type LiveTopic = (typeof liveTopics)[number];

export function isLiveTopic(value: unknown): value is LiveTopic {
  return liveTopics.some((topic) => topic === value);
}

/**
 * What a viewer is told. `ready`: changes are told from now on, so look once for what came before. `change`: something
 * changed. `waiting`: the database cannot be heard at the moment. `beat`: nothing, but the line holds. `end`: the person
 * may not look any more.
 */
export type LiveMessage = "ready" | "change" | "waiting" | "beat" | "end";

/** A silent line holds at most this long before a beat. */
export const beatEveryMs = 15_000;

/** When a person who has too many pages live may come back. */
export const fullSeconds = 30;
