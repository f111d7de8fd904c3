/** What a page can follow: errors of a channel (and what becomes of them), or everything in its log of webhooks. */
export const liveTopics = ["errors", "deliveries"] as const;
export type LiveTopic = (typeof liveTopics)[number];

export function isLiveTopic(value: unknown): value is LiveTopic {
  return liveTopics.some((topic) => topic === value);
}

/**
 * What a viewer is told. `ready`: changes are told from now on, so look once for what came before. `change`: something
 * changed. `following`: what the page shows is sent from now on, as figures, beginning with how it stands. `waiting`: the
 * database cannot be heard at the moment. `beat`: nothing, but the line holds. `end`: the person may not look any more.
 */
export type LiveMessage = "ready" | "change" | "following" | "waiting" | "beat" | "end";

/** The event that carries what a page shows: `{ audience, figures }`, the figures as wire.ts writes them. */
export const figuresEvent = "figures";

/**
 * The shape of the figures. A page that was loaded before an upgrade asks for the one it knows, and otherwise is only told
 * to look again. To be raised with every change of that shape (errors-figures.integration.test.ts knows it).
 */
export const figuresMake = "1";

/** A silent line holds at most this long before a beat. */
export const beatEveryMs = 15_000;

/** When a person who has too many pages live may come back. */
export const fullSeconds = 30;
