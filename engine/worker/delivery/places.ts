import { type Lane, lanes } from "#lib/queue/claim.ts";
import { createGates, type Gates, type Stay } from "./gates.ts";

/** Where a webhook goes, as far as it decides who may begin. */
export type Destination = { lane: Lane; channelId: string; host: string };

/** `full`: what its channel or host may have is in use. `wait`: slots are left to others. */
export type Admission = "begin" | "full" | "wait";

/** A webhook that holds a slot. */
export type HeldPlace = {
  readonly to: Destination;
  readonly channel: Stay;
  readonly host: Stay;
  /** As it was when it began. */
  readonly isSlow: boolean;
};

export type Places = {
  channelGates: Gates;
  hostGates: Gates;
  /** The lane may have one more on the wire. */
  hasSlot: (lane: Lane) => boolean;
  verdict: (to: Destination) => Admission;
  enter: (to: Destination) => HeldPlace;
  leave: (place: HeldPlace) => void;
};

/** A quarter of the slots is for redeliveries, as long as they want them; the rest for first attempts likewise. */
const redeliveryShare = 4;
/** One slot of so many is kept from those that hold slots for long, and from more than a few of one channel. */
const reserveShare = 8;
/** Slow channels get one slot of so many of their lane at least, however many prompt ones want. */
const guaranteedShare = 8;
/** A slow key may have so many times what is free above the reserve. */
const greed = 16;
/** From the reserve a channel may have so many: one that has answered, and one that nothing is known of. */
const fromReserve = { known: 8, unknown: 2 };

/** `laneMax`: what one lane may have, with all that it borrows. */
export type SlotShares = { total: number; laneMax: number; of: Record<Lane, number> };

/** The slots of a worker, and what each lane is entitled to. */
export function shareSlots(slots: number): SlotShares {
  const redelivery = Math.max(1, Math.floor(slots / redeliveryShare));
  const first = Math.max(1, slots - redelivery);
  return {
    total: first + redelivery,
    laneMax: Math.max(1, slots),
    of: { [lanes.first]: first, [lanes.redelivery]: redelivery },
  };
}

/**
 * Who may have the slots of a worker. Whatever nobody else wants is used; a slow channel or host (one that holds its slots for
 * long) takes no more than a multiple of what is free above a reserve. That bound falls by itself as others begin, alike for all
 * that are slow: they give back within one answer time what others want, several of them come to equal parts, and whoever
 * comes finds the reserve free (Choudhury and Hahne's dynamic thresholds, made for memory that packets share). A lane
 * borrows what the other does not use, and begins nothing more on borrowed slots once the other wants them.
 *
 * It does not protect from many channels at once that answered promptly until now and hang from now on: that holds
 * what they have in hand for one answer time.
 */
export function createPlaces(options: {
  shares: SlotShares;
  /** Webhooks of the lane that wait for a slot. */
  wanted: (lane: Lane) => number;
  now?: () => number;
}): Places {
  const { shares } = options;
  const reserve = Math.floor(shares.total / reserveShare);
  const channelGates = createGates(
    { start: 8, max: Math.max(8, Math.floor(shares.total / 4)), aside: 2 },
    options.now,
  );
  const hostGates = createGates(
    { start: 32, max: Math.max(32, shares.total), aside: 4 },
    options.now,
  );
  const running: Record<Lane, number> = { [lanes.first]: 0, [lanes.redelivery]: 0 };
  const slow: Record<Lane, number> = { [lanes.first]: 0, [lanes.redelivery]: 0 };

  const ofLane = (lane: Lane): number => {
    const other = lane === lanes.first ? lanes.redelivery : lanes.first;
    const kept = Math.min(shares.of[other], running[other] + options.wanted(other));
    return Math.min(shares.laneMax, shares.total - kept) - running[lane];
  };
  const free = (): number => shares.total - running[lanes.first] - running[lanes.redelivery];
  /** What is free for the lane above the reserve; below zero when the reserve is in use. */
  const spare = (lane: Lane): number => Math.min(free() - reserve, ofLane(lane));
  const isSlow = ({ channelId, host }: Destination): boolean =>
    channelGates.isSlow(channelId) || hostGates.isAside(host);
  const isWithinBound = ({ lane, channelId }: Destination): boolean =>
    channelGates.running(channelId) < greed * spare(lane);
  const hasGuarantee = (lane: Lane): boolean =>
    slow[lane] < Math.max(1, Math.floor(shares.of[lane] / guaranteedShare));

  return {
    channelGates,
    hostGates,
    hasSlot: (lane) => Math.min(free(), ofLane(lane)) > 0,
    verdict: (to) => {
      const { lane, channelId, host } = to;
      if (!channelGates.hasPlace(channelId) || !hostGates.hasPlace(host)) return "full";
      if (isSlow(to)) return isWithinBound(to) || hasGuarantee(lane) ? "begin" : "wait";
      const some = channelGates.isKnown(channelId) ? fromReserve.known : fromReserve.unknown;
      return spare(lane) > 0 || channelGates.running(channelId) < some ? "begin" : "wait";
    },
    enter: (to) => {
      const place = {
        to,
        isSlow: isSlow(to),
        channel: channelGates.enter(to.channelId),
        host: hostGates.enter(to.host),
      };
      running[to.lane] += 1;
      if (place.isSlow) slow[to.lane] += 1;
      return place;
    },
    leave: ({ to, channel, host, isSlow }) => {
      running[to.lane] -= 1;
      if (isSlow) slow[to.lane] -= 1;
      channelGates.leave(channel);
      hostGates.leave(host);
    },
  };
}
