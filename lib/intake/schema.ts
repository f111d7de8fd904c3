/** From where on nothing more is taken in. */
export type IntakeLimits = {
  /** Webhooks that wait or are being sent, of all channels. */
  queueMax: number;
  /** Those of one channel: beyond, only that channel takes nothing more in. */
  channelMax: number;
  /** How long a channel may have waited for a worker: beyond, only that channel takes nothing more in. */
  ageMaxMs: number;
};

/**
 * Why nothing is taken in of any channel: too many webhooks wait, the database's disk is full, it waits for locks or is too
 * slow, or it cannot be reached.
 */
export const intakeTroubles = [
  "queue_long",
  "disk_full",
  "database_busy",
  "database_away",
] as const;
export type IntakeTrouble = (typeof intakeTroubles)[number];

/** Why nothing is taken in of one channel: too much of it waits, or workers do not come round to it. */
export const channelTroubles = ["channel_long", "channel_old"] as const;
export type ChannelTrouble = (typeof channelTroubles)[number];

/** What an intake tells of. */
export const toldTroubles = [...intakeTroubles, ...channelTroubles] as const;
export type ToldTrouble = (typeof toldTroubles)[number];

/** The channels of which nothing is taken in. */
export type CrowdedChannels = ReadonlyMap<string, ChannelTrouble>;

export type NamedCrowdedChannel = { id: string; name: string; trouble: ChannelTrouble };

export type QueueFigures = {
  webhookCount: number;
  oldestDueSeconds: number;
  /** Of the queue's table, as PostgreSQL stores it. */
  pageCount: number;
};

/** What is full is opened again when so much of the limit is free, so that it does not go on and off at each webhook. */
const reopenBelow = 0.9;

/** From so many on what is full stays full, and what was not becomes so at `max`. */
export const fullFrom = (max: number, wasFull: boolean): number =>
  max * (wasFull ? reopenBelow : 1);
