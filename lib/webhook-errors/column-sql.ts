import { constantOffsetMinutes } from "#lib/time/wall-time.ts";
import { errorDetails } from "#lib/transport/error-class.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { countedErrors, type ErrorQuestion } from "./question.ts";
import { type ErrorColumn, type ErrorRow, errorColumnIds } from "./schema.ts";

/** A row as the list reads it. */
export type ListedRow = Omit<ErrorRow, "key"> & { minute: Date };

/** What the list reads of error_rows. */
export function listFields(question: ErrorQuestion): Prisma.Sql {
  const fields: Readonly<Record<keyof ListedRow, Prisma.Sql>> = {
    minute: Prisma.sql`minute`,
    reason: Prisma.sql`reason::text`,
    detail: Prisma.sql`detail`,
    statusCode: Prisma.sql`status_code`,
    startedAt: Prisma.sql`first_at`,
    endedAt: Prisma.sql`last_at`,
    errorCount: countedErrors(question),
  };
  return Prisma.join(
    Object.entries(fields).map(([name, sql]) => Prisma.sql`${sql} as ${Prisma.raw(`"${name}"`)}`),
  );
}

/** What the cells of a file are made of. */
export const fileReads = (question: ErrorQuestion, zone: string): Prisma.Sql => Prisma.sql`
  ${wholeSeconds(question, zone, "first_at")} as started, ${wholeSeconds(question, zone, "last_at")} as ended,
  reason, detail, ${countedErrors(question)} as errors`;

// As one list of constants PostgreSQL looks a text up by its hash.
const harmlessDetails = [
  ...Object.values(errorDetails).flat(),
  ...Array.from({ length: 900 }, (_, index) => String(index + 100)),
];

/**
 * `safeCell` of safe-cell.ts, in SQL: controls become blanks, and a cell that begins like a formula gets an apostrophe.
 * Documented details and status codes are harmless and pass without the regular expressions. A test compares the two on
 * whatever text.
 */
const safeCell = Prisma.sql`case when detail in (${Prisma.join(harmlessDetails)}) then detail
  else nullif(regexp_replace(
    regexp_replace(detail, '[\\u0001-\\u001f\\u007f]', ' ', 'g'), '^( *[-=+@＝＋－＠"])', '''\\1'), '') end`;

/** The cells of a file, of fileReads. A text that bot servers or people chose has to be harmless (`safeCell`). */
const cells: Readonly<Record<ErrorColumn, Prisma.Sql>> = {
  // The types that print as Date and Start print faster than texts are cut (half the time of the whole statement).
  date: Prisma.sql`started::date`,
  start: Prisma.sql`started::time`,
  end: Prisma.sql`ended::time`,
  reason: Prisma.sql`reason`,
  detail: safeCell,
  errors: Prisma.sql`errors`,
};
export const fileCells = Prisma.join(errorColumnIds.map((id) => cells[id]));

/**
 * A time on the wall of the zone, cut to whole seconds. The cast rounds, so half a second is taken away first: cheaper
 * than date_trunc. So is adding an offset that is the same for the whole range to looking up the zone for each row.
 */
function wholeSeconds(
  { from, to }: ErrorQuestion,
  zone: string,
  column: "first_at" | "last_at",
): Prisma.Sql {
  const at = column === "first_at" ? Prisma.sql`first_at` : Prisma.sql`last_at`;
  const offset = constantOffsetMinutes(zone, from, to);
  return offset === null
    ? Prisma.sql`((${at} at time zone ${zone}) - interval '0.5 s')::timestamp(0)`
    : Prisma.sql`((${at} at time zone 'UTC') + interval '${Prisma.raw(String(offset * 60 - 0.5))} s')::timestamp(0)`;
}
