import type { Gates } from "./gates.ts";
import type { Turns } from "./turns.ts";

/** What one claim of a lane may take of whom. */
export type ClaimShares = {
  /** Channels of which enough waits in hand. */
  excluded: () => string[];
  /** How many to take of each of these channels, `wanted` in all at most. */
  shareOut: (channelIds: readonly string[], wanted: number) => number[];
};

/**
 * Even shares of what is wanted. Of a channel no more is in hand than it can begin until the next claim, and of all slow ones
 * together no more stands aside than a lane has slots: so much holds up no claim of others (loop.ts), and what waits in hand is
 * kept from other workers. A slow channel may answer a lot: a few more at a time would cost a claim each.
 */
export function createClaimShares(options: {
  /** Of the lane. */
  slots: number;
  waiting: Pick<Turns<unknown>, "crowded" | "waitingOf" | "aside">;
  places: { channelGates: Pick<Gates, "aheadMax" | "isSlow"> };
}): ClaimShares {
  const { slots, waiting } = options;
  const { channelGates } = options.places;
  const channelMax = Math.ceil(slots * 1.5);
  const aheadOf = (channelId: string) =>
    Math.min(channelGates.isSlow(channelId) ? slots : channelMax, channelGates.aheadMax(channelId));
  const slowLeft = () => Math.max(0, slots - waiting.aside());
  return {
    excluded: () => {
      const hasRoom = slowLeft() > 0;
      return waiting.crowded((id) => (hasRoom || !channelGates.isSlow(id) ? aheadOf(id) : 0));
    },
    shareOut: (channelIds, wanted) => {
      let left = wanted;
      let forSlow = slowLeft();
      return channelIds.map((channelId, index) => {
        const even = Math.ceil(left / (channelIds.length - index));
        const isSlow = channelGates.isSlow(channelId);
        const room = Math.max(0, aheadOf(channelId) - waiting.waitingOf(channelId));
        const places = Math.min(even, room, isSlow ? forSlow : even);
        left -= places;
        if (isSlow) forSlow -= places;
        return places;
      });
    },
  };
}
