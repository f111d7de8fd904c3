import type { Db } from "#lib/db.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { type ListedRow, listFields } from "./column-sql.ts";
import type { ErrorFilter, PageStart } from "./filter.ts";
import { at, countedErrors, type ErrorQuestion, rowsAsked } from "./question.ts";
import type { ErrorRow } from "./schema.ts";

const pageSize = 50;

export type ErrorRowPage = {
  rows: ErrorRow[];
  /** Where the neighbouring pages begin; null at the end. */
  previous: PageStart | null;
  next: PageStart | null;
};

export type ListOrder = Pick<ErrorFilter, "sort" | "order" | "page">;

/**
 * One page of the list by keyset: the cost does not grow with the depth, and rows that arrive meanwhile move nothing.
 * By date it walks the primary key and sorts
 * only within a minute; by errors it sorts what the filter leaves.
 */
export async function listErrorRows(
  db: Db,
  question: ErrorQuestion,
  order: ListOrder,
  size: number = pageSize,
): Promise<ErrorRowPage> {
  const backwards = order.page?.direction === "before";
  const descending = (order.order === "desc") !== backwards;
  const errors = countedErrors(question);
  const rows = await db.$queryRaw<ListedRow[]>`
    select ${listFields(question)}
      from error_rows
     where ${rowsAsked(question)} ${beyond(order, errors, descending)}
     order by ${orderBy(order.sort, errors, descending)}
     limit ${size + 1}::int`;
  const page = rows.slice(0, size).map(toErrorRow);
  if (backwards) page.reverse();
  const more = rows.length > size;
  return {
    rows: page,
    previous: (backwards ? more : order.page !== null) ? startAt("before", page[0]) : null,
    next: backwards || more ? startAt("after", page.at(-1)) : null,
  };
}

/** The order of the list as SQL; it has no ties, because (minute, reason, detail) names a row of a channel. */
export function orderBy(
  sort: ErrorFilter["sort"],
  errors: Prisma.Sql,
  descending: boolean,
): Prisma.Sql {
  const way = descending ? Prisma.sql`desc` : Prisma.sql`asc`;
  const byDate = Prisma.sql`minute ${way}, first_at ${way}, error_rows.reason ${way}, detail ${way}`;
  return sort === "errors" ? Prisma.sql`${errors} ${way}, ${byDate}` : byDate;
}

function beyond({ sort, page }: ListOrder, errors: Prisma.Sql, descending: boolean): Prisma.Sql {
  if (page === null) return Prisma.empty;
  const { minute, reason, detail } = page.key;
  const than = descending ? Prisma.sql`<` : Prisma.sql`>`;
  const key = Prisma.sql`${at(minute)}, ${at(page.startedAt)}, ${reason}::error_reason, ${detail}`;
  return sort === "errors"
    ? Prisma.sql`and (${errors}, minute, first_at, error_rows.reason, detail) ${than} (${page.errorCount}::int, ${key})`
    : Prisma.sql`and minute ${than}= ${at(minute)} and (minute, first_at, error_rows.reason, detail) ${than} (${key})`;
}

function startAt(direction: PageStart["direction"], row: ErrorRow | undefined): PageStart | null {
  if (row === undefined) return null;
  const { key, startedAt, errorCount } = row;
  return { direction, key, startedAt, errorCount };
}

function toErrorRow({ minute, ...row }: ListedRow): ErrorRow {
  const reason: ErrorReason = row.reason;
  return { ...row, key: { minute, reason, detail: row.detail } };
}

/** How many lines the list and its download have. */
export async function countErrorRows(db: Db, question: ErrorQuestion): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from error_rows where ${rowsAsked(question)}`;
  return row?.count ?? 0;
}
