/** A webhook that attempt after attempt brought to no outcome; an operator decides what becomes of it. */
export type SetAsideWebhook = {
  id: string;
  channelId: string;
  /** Null when the channel is gone. */
  channelName: string | null;
  acceptedAt: Date;
  setAsideAt: Date;
  /** Attempts begun in all, and those of them, the last ones, that have no outcome. */
  attemptCount: number;
  unrecordedCount: number;
  /** What the last worker said, in English; null when it died without a word. */
  defect: string | null;
  eventCount: number;
  bodyBytes: number;
};

/** Intake limits (docs/platform-api.md#events). */
export const eventsMax = 100;

export const intakeBodyBytesMax = 262_144;

/** Levels of objects and arrays in a body; the parsers of ordinary bots take no more unasked (docs/decisions/0013). */
export const nestingMax = 64;
