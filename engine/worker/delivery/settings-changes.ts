import { type Lane, lanes } from "#lib/queue/claim.ts";

/** Settings of one channel changed; of any, when null. */
export type SettingsChange = {
  channelId: string | null;
  /** Webhook redelivery was turned off: redeliveries in hand have ended. */
  endsRedeliveries: boolean;
};

export type SettingsChanges = {
  note: (change: SettingsChange) => void;
  /** What a change since `heldSince` (by performance.now()) makes of a webhook in hand that has not begun. */
  verdict: (
    webhook: { channelId: string; lane: Lane },
    heldSince: number,
  ) => "send" | "claim again" | "end";
};

type Times = { changedAt: number; redeliveriesEndedAt: number };

const never = Number.NEGATIVE_INFINITY;
/** Channels remembered; beyond that all count as changed, which costs each webhook in hand a second claim. */
const channelsMax = 10_000;

/** Remembers when settings changed, so that nothing in hand is sent with those it was claimed with. */
export function createSettingsChanges(
  now: () => number = () => performance.now(),
): SettingsChanges {
  const channels = new Map<string, Times>();
  let allChangedAt = never;
  return {
    note: ({ channelId, endsRedeliveries }) => {
      if (channelId === null) {
        allChangedAt = now();
        return;
      }
      if (channels.size >= channelsMax) {
        allChangedAt = now();
        channels.clear();
      }
      const endedAt = channels.get(channelId)?.redeliveriesEndedAt ?? never;
      channels.set(channelId, {
        changedAt: now(),
        redeliveriesEndedAt: endsRedeliveries ? now() : endedAt,
      });
    },
    verdict: ({ channelId, lane }, heldSince) => {
      const times = channels.get(channelId);
      if (lane === lanes.redelivery && (times?.redeliveriesEndedAt ?? never) >= heldSince)
        return "end";
      const changedAt = Math.max(allChangedAt, times?.changedAt ?? never);
      return changedAt >= heldSince ? "claim again" : "send";
    },
  };
}

/** Reads what the database's triggers tell: a channel id, and `off` behind it when Webhook redelivery was turned off. */
export function readSettingsChange(payload: string): SettingsChange {
  const [channelId = "", word] = payload.split(" ");
  return { channelId, endsRedeliveries: word === "off" };
}
