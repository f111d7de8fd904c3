/**
 * Why an answer with a 2xx status was probably not the bot's, or not what it should have been. Such an attempt is delivered all the same, by the platform's
 * rule, and never counted as an error.
 */
export const doubts = [
  "web_page",
  "program_error",
  "not_http",
  "from_cache",
  "changed_shape",
] as const;
export type Doubt = (typeof doubts)[number];

/** A doubt as it was stored; what another version wrote and this one does not know is none. */
export const readDoubt = (text: string | null): Doubt | null =>
  doubts.find((doubt) => doubt === text) ?? null;

/** Fields in the order received, and the first bytes of the body as received. */
export type AnswerContent = {
  headers: readonly (readonly [string, string])[];
  body: Buffer;
};

/** An answer with a 2xx status. */
export type SuccessfulAnswer = AnswerContent & { statusCode: number };

/** What is written down of a delivered attempt's answer; `kept` is null for most. */
export type JudgedAnswer = { doubt: Doubt | null; kept: AnswerContent | null };

/** Fields that are kept, in characters of names and values together, and of one value. */
export const keptHeaderCharactersMax = 2_048;
export const keptValueCharactersMax = 512;

/** Of one channel and minute that many are kept by one worker: any, and doubtful ones besides. */
export const keptPerMinute = { any: 1, doubtful: 10 } as const;
/** Of all channels and one second, so that the share of the log stays small however many channels there are. */
export const keptPerSecond = { any: 20, doubtful: 100 } as const;

/** How the newest deliveries of a channel's last hour were answered, where most of them are doubted. */
export type DoubtfulHour = {
  doubtfulCount: number;
  /** The deliveries that were looked at. */
  deliveredCount: number;
  /** What most of the doubtful ones have in common. */
  doubt: Doubt;
};
