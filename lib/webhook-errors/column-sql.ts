import { tabCell } from "#lib/exports/copy-lines.ts";
import { safeCellSql } from "#lib/exports/safe-cell.ts";
import { offsetOf } from "#lib/time/offset-sql.ts";
import { constantOffsetMinutes } from "#lib/time/wall-time.ts";
import { errorDetails } from "#lib/transport/error-class.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { ErrorExport } from "./error-export.ts";
import { countedErrors, type ErrorQuestion } from "./question.ts";
import { type ErrorColumn, type ErrorRow, errorColumnIds, errorColumns } from "./schema.ts";

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

/** Whether no clock of the zone changes within what is asked for; else each row tells its offset. */
const isOneOffset = ({ from, to }: ErrorQuestion, zone: string): boolean =>
  constantOffsetMinutes(zone, from, to) !== null;

const offsets = (zone: string): Prisma.Sql => Prisma.sql`
  ${offsetOf(Prisma.sql`first_at`, zone)} as started_offset, ${offsetOf(Prisma.sql`last_at`, zone)} as ended_offset,`;

/** What the cells of a file are made of. */
export const fileReads = (question: ErrorQuestion, zone: string): Prisma.Sql => Prisma.sql`
  ${wholeSeconds(question, zone, "first_at")} as started, ${wholeSeconds(question, zone, "last_at")} as ended,
  ${isOneOffset(question, zone) ? Prisma.empty : offsets(zone)}
  reason, detail, status_code, ${countedErrors(question)} as errors`;

// As one list of constants PostgreSQL looks a text up by its hash.
const harmlessDetails = [
  ...Object.values(errorDetails).flat(),
  ...Array.from({ length: 900 }, (_, index) => String(index + 100)),
];

/** Documented details and status codes are harmless and pass without the regular expressions. */
const detailOr = (cell: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`case when detail in (${Prisma.join(harmlessDetails)}) then detail else ${cell} end`;
const safeDetail = safeCellSql(Prisma.sql`detail`);

/** The cells of a file, of fileReads. A text that bot servers or people chose has to be harmless (`safeCell`). */
const cells: Readonly<Record<ErrorColumn, Prisma.Sql>> = {
  // The types that print as Date and Start print faster than texts are cut (half the time of the whole statement).
  date: Prisma.sql`started::date`,
  start: Prisma.sql`started::time`,
  end: Prisma.sql`ended::time`,
  reason: Prisma.sql`reason`,
  detail: detailOr(safeDetail),
  errors: Prisma.sql`errors`,
};

/** The hour that comes twice when clocks go back is told apart: `01:30:00-04:00`. */
const cellsWithOffset = {
  start: Prisma.sql`started::time || started_offset`,
  end: Prisma.sql`ended::time || ended_offset`,
} as const satisfies Partial<Record<ErrorColumn, Prisma.Sql>>;

/** What Detail mixes with words, on its own: programs that guess types from the first rows stop at a Detail that is no number. */
const statusCode = { head: "Status code", cell: Prisma.sql`status_code` };

/** The columns of a file. Those of TSV are the platform's; CSV has the status code beside Detail. */
export function fileColumns({
  question,
  zone,
  format,
}: Pick<ErrorExport, "question" | "zone" | "format">): { head: string; cell: Prisma.Sql }[] {
  const own = {
    ...cells,
    ...(isOneOffset(question, zone) ? {} : cellsWithOffset),
    ...(format === "tsv" ? { detail: detailOr(tabCell(safeDetail)) } : {}),
  };
  return errorColumnIds.flatMap((id) => {
    const column = { head: errorColumns[id].fileHead, cell: own[id] };
    return id === "detail" && format === "csv" ? [column, statusCode] : [column];
  });
}

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
    : Prisma.sql`((${at} at time zone interval '${Prisma.raw(String(offset * 60))} s') - interval '0.5 s')::timestamp(0)`;
}
