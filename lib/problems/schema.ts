import { z } from "zod";
import { errorReasons } from "#lib/transport/error-class.ts";
import { isDetail } from "#lib/webhook-errors/row-key.ts";
import { muteSpans } from "./mute-spans.ts";
import type { ProblemKey } from "./problem-name.ts";

/** A person who set something; the name is null when the account is gone. */
export type SetBy = { at: Date; by: string | null };

/** Errors of one channel with the same reason and detail, as a line above the list shows them. */
export type Problem = ProblemKey & {
  /** Failed attempts in the range, and the webhooks of which the first failed there. */
  errorCount: number;
  webhookCount: number;
  /** In the range. */
  firstAt: Date;
  lastAt: Date;
  /** Errors by equal parts of the range, oldest first. */
  trend: readonly number[];
  /** Since when it is resolved; null: it is not. */
  resolvedAt: Date | null;
  /** The first and the last error of the time before, and when it came back; null: it did not, or is resolved. */
  former: { firstAt: Date; lastAt: Date; backAt: Date } | null;
  /** `until` null: until it changes. Null: not muted. */
  muted: (SetBy & { until: Date | null }) | null;
  /** Who is on it. */
  taken: SetBy | null;
};

export type ProblemList = {
  problems: readonly Problem[];
  /** Those beyond `problemsMax`. */
  moreCount: number;
};

/** So many lines at most; status codes are many. */
export const problemsMax = 50;

export const ProblemForm = z.object({
  channelId: z.string().max(64),
  reason: z.enum(errorReasons),
  detail: z.string().refine(isDetail),
});
export type ProblemForm = z.infer<typeof ProblemForm>;

export const MuteForm = ProblemForm.extend({ span: z.enum(muteSpans) });
export type MuteForm = z.infer<typeof MuteForm>;
