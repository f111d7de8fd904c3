import type { ChannelView } from "#lib/causes/facts.ts";

const hourMs = 3_600_000;

/** A channel whose webhooks have always been delivered. */
export function healthyChannel(): ChannelView {
  return {
    failingSince: null,
    failedCount: 0,
    lastDetail: null,
    lastFailedAt: null,
    lastDeliveredAt: new Date(),
    secretChangedAt: null,
    otherDetailsCount: 0,
    recent: { delivered: 20, failed: 0, timedOut: 0 },
    hasSeenHaproxy: false,
  };
}

/** A channel of which every attempt fails, with the detail of this one; `since` its secret was changed, or ever. */
export function failingChannel(
  lastDetail: string,
  { since = "ever" }: { since?: "ever" | "secret" | "lately" } = {},
): ChannelView {
  const failed = 10;
  const timedOut = lastDetail === "Request timeout" ? failed : 0;
  const begun = new Date(Date.now() - hourMs);
  return {
    failingSince: begun,
    failedCount: failed,
    lastDetail,
    lastFailedAt: new Date(),
    lastDeliveredAt: since === "ever" ? null : begun,
    secretChangedAt: since === "secret" ? begun : null,
    otherDetailsCount: 0,
    recent: { delivered: 0, failed, timedOut },
    hasSeenHaproxy: false,
  };
}
