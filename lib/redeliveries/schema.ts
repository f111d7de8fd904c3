import { z } from "zod";
import { likelyCauses } from "#lib/causes/schema.ts";
import { anyOutcome, filterStates, jobOutcomes } from "#lib/delivery-log/schema.ts";
import { errorReasons } from "#lib/transport/error-class.ts";

/** Webhooks that one press can redeliver singly; beyond that it is a job. */
const selectionMax = 100;
/** What a person may choose as the speed of a job, in webhooks a second. */
export const jobRates = [5, 20, 50, 200] as const;
export const defaultJobRate = 20;
/** Jobs of one channel that may run at once. */
export const runningJobsMax = 5;

const ChannelId = z.string().max(64);
const WebhookId = z.uuid();

export const RedeliverForm = z.object({
  channelId: ChannelId,
  webhookId: z
    .union([WebhookId.transform((id) => [id]), z.array(WebhookId)], { error: "none_chosen" })
    .refine((ids) => ids.length <= selectionMax),
});

export const JobFilter = z.object({
  states: z.array(z.enum(filterStates)).nullable(),
  eventType: z.string().nullable(),
  eventId: z.string().nullable(),
  /** Absent in jobs from before answers were judged. */
  doubtful: z.boolean().default(false),
  /** When they ended; absent in jobs from before one could ask for that. */
  ended: z.object({ from: z.coerce.date(), to: z.coerce.date() }).nullable().default(null),
  /** Of another job's webhooks; absent in jobs from before those were followed. */
  job: z
    .object({ id: z.uuid(), came: z.enum(jobOutcomes).nullable() })
    .nullable()
    .default(null),
  /** What they ended with, and whom they come from; absent in jobs from before one could ask for that. */
  outcome: z
    .object({
      reason: z.enum(errorReasons).nullable(),
      status: z.union([z.literal("none"), z.object({ from: z.int(), to: z.int() })]).nullable(),
      likelyCause: z.enum(likelyCauses).nullable(),
      answerFromMs: z.int().nullable(),
      answerToMs: z.int().nullable(),
    })
    .default(anyOutcome),
  sourceId: z.string().nullable().default(null),
});
export type JobFilter = z.infer<typeof JobFilter>;

/** `search` is the address's search part: the job redelivers what the page with it shows. */
export const StartJobForm = z.object({
  channelId: ChannelId,
  search: z.string().max(2_000),
  /** The end of the range as it was counted: what came later is left alone. */
  until: z.coerce.number().int().positive(),
  rate: z.coerce.number().refine((rate) => jobRates.some((one) => one === rate)),
  /** Delivered ones too: the bot gets them a second time. */
  delivered: z.literal("true").optional(),
});

export const CancelJobForm = z.object({ channelId: ChannelId, jobId: z.uuid() });

/** What became of webhooks that were to be redelivered. */
export type RedeliverReport = {
  redelivered: number;
  /** Waiting or being sent anyway. */
  waiting: number;
  /** Not of this channel, or no longer kept. */
  gone: number;
};

/** Why a channel cannot be sent to. */
export const cannotSendReasons = ["webhook_off", "no_url", "suspended"] as const;
export type CannotSendReason = (typeof cannotSendReasons)[number];

/** redelivered = delivered + failed + cancelled + open. Failed: every step of the redelivery was; open: not ended yet. */
export type JobEnds = { delivered: number; failed: number; cancelled: number; open: number };

/** A job that redelivers what a filter matches. */
export type RedeliveryJob = {
  id: string;
  state: "running" | "done" | "cancelled" | "stopped";
  /** Set exactly when stopped. */
  stopReason: CannotSendReason | null;
  filter: JobFilter;
  from: Date;
  to: Date;
  ratePerSecond: number;
  /** What the count before the start said; null: too many to count. */
  expectedCount: number | null;
  /** matched = redelivered + waiting + taken (by another redelivery in the same moment). */
  matchedCount: number;
  redeliveredCount: number;
  waitingCount: number;
  takenCount: number;
  /** What became of the redelivered ones; null: a job from before that was followed. */
  ended: JobEnds | null;
  /** How far it has come: 0 to 1. */
  progress: number;
  createdAt: Date;
  createdBy: string | null;
  finishedAt: Date | null;
};
