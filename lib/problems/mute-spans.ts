/** How long a problem may be muted; `change`: until it comes back after it was resolved, or another one begins. */
export const muteSpans = ["1h", "8h", "24h", "7d", "change"] as const;
export type MuteSpan = (typeof muteSpans)[number];
