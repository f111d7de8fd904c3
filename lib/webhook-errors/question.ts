import type { ErrorReason } from "#lib/transport/error-class.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { ErrorFilter } from "./filter.ts";

/** Which errors of which channel: what summary, chart, list, single errors and TSV are asked alike. */
export type ErrorQuestion = Pick<ErrorFilter, "reason" | "detail" | "status" | "attempt"> & {
  channelId: string;
  /** `[from, to)` in whole minutes. */
  from: Date;
  to: Date;
};

/** A time as SQL, independent of the session's time zone. */
export function at(time: Date): Prisma.Sql {
  return Prisma.sql`${time.toISOString()}::timestamptz`;
}

const reasonIs = (reason: ErrorReason | null): Prisma.Sql =>
  reason === null ? Prisma.empty : Prisma.sql`and reason = ${reason}::error_reason`;

const classIs = ({ detail, status }: ErrorQuestion): Prisma.Sql => {
  const detailIs = detail === null ? Prisma.empty : Prisma.sql`and detail = ${detail}`;
  if (status === null) return detailIs;
  if (status === "none") return Prisma.sql`${detailIs} and status_code is null`;
  // A single status code is the detail of its errors too, and details have an index.
  const codeIs =
    status.from === status.to ? Prisma.sql`and detail = ${String(status.from)}` : Prisma.empty;
  return Prisma.sql`${detailIs} ${codeIs} and status_code between ${status.from}::int and ${status.to}::int`;
};

/** How many errors a counted row (by minute or by hour) adds under the filter by attempt. */
export function countedErrors({ attempt }: ErrorQuestion): Prisma.Sql {
  if (attempt === "first") return Prisma.sql`first_attempt_count`;
  if (attempt === "redelivery") return Prisma.sql`(error_count - first_attempt_count)`;
  return Prisma.sql`error_count`;
}

/** A row without the attempts asked for does not answer. Without that filter every row counts something: the index alone will do. */
const countIsPositive = (question: ErrorQuestion): Prisma.Sql =>
  question.attempt === null ? Prisma.empty : Prisma.sql`and ${countedErrors(question)} > 0`;

/** The minute rows that answer the question; carried by the primary key (channel_id, minute, reason, detail). */
export function rowsAsked(question: ErrorQuestion): Prisma.Sql {
  return Prisma.sql`channel_id = ${question.channelId}
    and minute >= ${at(question.from)} and minute < ${at(question.to)}
    ${reasonIs(question.reason)} ${classIs(question)}
    ${countIsPositive(question)}`;
}

/** The single errors that answer the question; carried by (channel_id, occurred_at). */
export function singlesAsked(question: ErrorQuestion): Prisma.Sql {
  return Prisma.sql`channel_id = ${question.channelId}
    and occurred_at >= ${at(question.from)} and occurred_at < ${at(question.to)}
    ${reasonIs(question.reason)} ${classIs(question)}
    ${attemptIs(question.attempt)}`;
}

/** Of single errors, whether it is the first of its webhook. Null: stored before that was kept. */
const isFirstFailure = Prisma.sql`coalesce(is_first, attempt = 1)`;

/** The filter by attempt for single errors. */
export function attemptIs(attempt: ErrorQuestion["attempt"]): Prisma.Sql {
  if (attempt === null) return Prisma.empty;
  return attempt === "first"
    ? Prisma.sql`and ${isFirstFailure}`
    : Prisma.sql`and not ${isFirstFailure}`;
}

/** Hours are counted by reason only: a filter by detail or status has to read the minute rows. */
export function hoursCanAnswer({ detail, status }: ErrorQuestion): boolean {
  return detail === null && status === null;
}

/**
 * The instants at which the buckets begin, with the range's two ends: `edges.list`, ascending. Given as a CTE by the
 * callers of `errorCells` and `deliveredCells`, which must know where an hour is cut.
 */
export const cutHours = Prisma.sql`cut_hours as (
  select distinct date_trunc('hour', edge, 'UTC') as hour from edges, unnest(list) as edge
   where edge <> date_trunc('hour', edge, 'UTC')
)`;

/**
 * The minutes of the hour `c`. Asked hour by hour behind an `offset 0`, which the planner does not see through: joined
 * by a range it may read a channel's every minute and throw nearly all of them away (200 ms instead of 1 at 10^7 errors).
 */
const minutesOfHour = ({ from, to }: Pick<ErrorQuestion, "from" | "to">): Prisma.Sql =>
  Prisma.sql`and minute >= greatest(c.hour, ${at(from)}) and minute < least(c.hour + interval '1 hour', ${at(to)})`;

/**
 * Errors as (at, reason, errors, firsts). Whole hours come from error_hours; only an hour cut by an edge is read by the
 * minute, so a long range costs a few rows per hour whatever the failure rate, and is exact all the same.
 */
export function errorCells(question: ErrorQuestion): Prisma.Sql {
  const { channelId, from, to, reason } = question;
  return Prisma.sql`
    select hour as at, reason, ${countedErrors(question)} as errors, first_attempt_count as firsts
      from error_hours h
     where channel_id = ${channelId} and hour >= ${at(from)} and hour < ${at(to)} ${reasonIs(reason)}
       and not exists (select from cut_hours c where c.hour = h.hour)
    union all
    select minute, reason, errors, firsts
      from cut_hours c cross join lateral (
        select minute, reason, ${countedErrors(question)} as errors, first_attempt_count as firsts from error_rows
         where channel_id = ${channelId} ${reasonIs(reason)} ${minutesOfHour(question)} offset 0) r`;
}

/** Deliveries as (at, delivered), read in the same way. */
export function deliveredCells({ channelId, from, to }: ErrorQuestion): Prisma.Sql {
  return Prisma.sql`
    select hour as at, delivered_count as delivered from delivered_hours h
     where channel_id = ${channelId} and hour >= ${at(from)} and hour < ${at(to)}
       and not exists (select from cut_hours c where c.hour = h.hour)
    union all
    select minute, delivered_count
      from cut_hours c cross join lateral (
        select minute, delivered_count from delivered_minutes
         where channel_id = ${channelId} ${minutesOfHour({ from, to })} offset 0) d`;
}

/** The minute rows as cells of the same shape, for narrow buckets and filters that hours cannot answer. */
export function errorMinutes(question: ErrorQuestion): Prisma.Sql {
  return Prisma.sql`
    select minute as at, reason, detail, ${countedErrors(question)} as errors, first_attempt_count as firsts
      from error_rows where ${rowsAsked(question)}`;
}
