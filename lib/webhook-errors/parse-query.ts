import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { errorReasons } from "#lib/transport/error-class.ts";
import { type ErrorFilter, type PageStart, rangePresets } from "./filter.ts";
import { parsePage } from "./parse-filter.ts";
import { isDetail } from "./row-key.ts";
import { parseStatus } from "./status-filter.ts";

// What the platform API is asked. Strict where the page's address is lenient: a program is told what it got wrong.

const pageSizeMax = 500;
const minuteText = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:00(\.0{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

const minute = z
  .string()
  .refine((text) => minuteText.test(text) && !Number.isNaN(Date.parse(text)), {
    error: "must be a whole minute with an offset, such as 2026-11-22T01:41Z",
  })
  .transform((text) => new Date(text))
  .refine((at) => at.getUTCFullYear() >= 2000 && at.getUTCFullYear() < 2100, {
    error: "must be a year from 2000 to 2099",
  });

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(", ")}` });

/** A text that `parse` understands; null means that it does not. */
const understood = <T>(parse: (text: string) => T | null, error: string) =>
  z.string({ error }).transform((text, context) => {
    const value = parse(text);
    if (value !== null) return value;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });

const filters = {
  range: oneOf(rangePresets).optional(),
  from: minute.optional(),
  to: minute.optional(),
  reason: oneOf(errorReasons).optional(),
  detail: z
    .string()
    .refine(isDetail, { error: "must be 1 to 200 printable characters" })
    .optional(),
  status: understood(
    parseStatus,
    "must be a status code or a class, such as 503 or 5xx",
  ).optional(),
  attempt: oneOf(["first", "redelivery"]).optional(),
  sort: oneOf(["date", "errors"]).default("date"),
  order: oneOf(["desc", "asc"]).default("desc"),
};

const ListQuery = z.strictObject({
  ...filters,
  limit: understood(
    (text) => (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= pageSizeMax ? Number(text) : null),
    `must be a whole number from 1 to ${pageSizeMax}`,
  ).default(50),
  cursor: understood(readCursor, "must be the `next` of an earlier response").optional(),
});

const FileQuery = z.strictObject({
  ...filters,
  timezone: understood(canonicalZone, "must be an IANA time zone, such as Asia/Tokyo").optional(),
});

export type ErrorsQuery = Pick<
  ErrorFilter,
  "range" | "reason" | "detail" | "status" | "attempt" | "sort" | "order"
>;

/** @throws AppError `invalid`, naming each parameter that is wrong or unknown. */
export function parseListQuery(
  query: unknown,
): ErrorsQuery & { limit: number; page: PageStart | null } {
  const { limit, cursor = null, ...rest } = read(ListQuery, query);
  return { ...settle(rest), limit, page: cursor };
}

/** @throws AppError as parseListQuery. `zone` is null when none was asked for. */
export function parseFileQuery(query: unknown): ErrorsQuery & { zone: string | null } {
  const { timezone = null, ...rest } = read(FileQuery, query);
  return { ...settle(rest), zone: timezone };
}

/** Where the next page begins, as a text that means nothing to anybody else. */
export function writeCursor({ errorCount, startedAt, key }: PageStart): string {
  const { minute: at, reason, detail } = key;
  return Buffer.from(
    `${errorCount}.${startedAt.getTime()}.${at.toISOString().slice(0, 16)}Z.${reason}.${detail}`,
  ).toString("base64url");
}

function readCursor(text: string): PageStart | null {
  return parsePage("after", Buffer.from(text, "base64url").toString());
}

function settle({ range, from, to, ...rest }: z.infer<z.ZodObject<typeof filters>>): ErrorsQuery {
  const { reason = null, detail = null, status = null, attempt = null, sort, order } = rest;
  return { range: settleRange({ range, from, to }), reason, detail, status, attempt, sort, order };
}

function settleRange({
  range,
  from,
  to,
}: {
  range?: ErrorFilter["range"] | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}): ErrorFilter["range"] {
  if (from === undefined && to === undefined) return range ?? "24h";
  if (range !== undefined) refuse("range", "cannot be combined with from and to");
  if (from === undefined) return refuse("from", "must be given together with to");
  if (to === undefined) return refuse("to", "must be given together with from");
  return from < to ? { from, to } : refuse("to", "must be later than from");
}

function read<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((property) => ({ message: "is not a known parameter", property }))
      : [{ message: issue.message, property: issue.path.join(".") }],
  );
  throw new AppError("invalid", "The query has errors", { details });
}

function refuse(property: string, message: string): never {
  throw new AppError("invalid", "The query has errors", { details: [{ message, property }] });
}
