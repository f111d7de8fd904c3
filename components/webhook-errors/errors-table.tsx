"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { ChevronDown, ChevronRight } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { Fragment, type ReactNode, Suspense, useMemo, useState } from "react";
import { ReasonMark } from "#components/statistics/reason-mark.tsx";
import { TableFooter } from "#components/statistics/table-footer.tsx";
import { Card } from "#components/ui/card.tsx";
import {
  type DataColumnMeta,
  DataTable,
  type dataTableFeatures,
} from "#components/ui/data-table.tsx";
import { formatCount, formatDate, formatTime } from "#lib/format.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { type ErrorFilter, errorsHref, type PageStart } from "#lib/webhook-errors/filter.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import type { ErrorRow } from "#lib/webhook-errors/schema.ts";
import type { ErrorsTableLook } from "#lib/webhook-errors/table-look.ts";
import type { ErrorsView } from "./errors-view.ts";
import { MissedChip } from "./missed-chip.tsx";
import { RowCount } from "./row-count.tsx";
import { TableMenu } from "./table-menu.tsx";
import { TablePages } from "./table-pages.tsx";
import { useArrivals, useIsAbove } from "./use-arrivals.ts";

const helper = createColumnHelper<typeof dataTableFeatures, ErrorRow>();
const wide = "hidden sm:table-cell";

type ErrorsTableProps = {
  page: { rows: ErrorRow[]; previous: PageStart | null; next: PageStart | null };
  view: ErrorsView;
  /** What stands below the open row. */
  panel: ReactNode;
  look: ErrorsTableLook;
  empty: ReactNode;
  /** How many rows there are on all pages; null when they could not be counted. */
  rowCount: Promise<number | null>;
};

/** The list: Date, Start, End, Reason, Detail, Errors. On a narrow screen Date, End and Detail fold into the row. */
export function ErrorsTable({ page, view, panel, look: remembered, ...props }: ErrorsTableProps) {
  const { empty, rowCount } = props;
  const t = useTranslations("webhook-errors.table");
  const [look, setLook] = useState(remembered);
  const columns = useColumns(page.rows, view);
  const { row } = view.filter;
  const [head, setHead] = useState<HTMLElement | null>(null);
  const { freshIds, missedCount } = useArrivals(page.rows, view.filter, useIsAbove(head));
  return (
    <Card className="overflow-hidden" aria-label={t("caption")}>
      <span ref={setHead} className="block scroll-mt-4" />
      <MissedChip count={missedCount} onShow={() => head?.scrollIntoView()} />
      {page.rows.length === 0 ? (
        empty
      ) : (
        <>
          <DataTable
            caption={t("caption")}
            columns={columns}
            rows={page.rows}
            rowId={rowId}
            look={look}
            freshIds={freshIds}
            open={row === null ? null : { id: formatRowKey(row), panel }}
          />
          <TableFooter>
            <span className="flex items-center gap-3">
              <TableMenu look={look} onLook={setLook} />
              <span className="text-sm text-dim tabular-nums">
                <Suspense>
                  <RowCount rowCount={rowCount} />
                </Suspense>
              </span>
            </span>
            <TablePages page={page} view={view} />
          </TableFooter>
        </>
      )}
    </Card>
  );
}

const rowId = (row: ErrorRow): string => formatRowKey(row.key);

function useColumns(rows: readonly ErrorRow[], view: ErrorsView) {
  const t = useTranslations("webhook-errors.table");
  const largest = rows.reduce((most, row) => Math.max(most, row.errorCount), 1);
  return useMemo(() => {
    const { timeZone } = view;
    const mono = "font-mono text-sm whitespace-nowrap tabular-nums";
    const sort = (by: ErrorFilter["sort"], column: string) =>
      sortOf(view, by, t("sortBy", { column }));
    return helper.columns([
      helper.accessor((row) => formatDate(row.startedAt, timeZone), {
        id: "date",
        header: t("date"),
        meta: { className: wide, sort: sort("date", t("date")) },
        cell: (cell) => <span className={`${mono} text-dim`}>{cell.getValue()}</span>,
      }),
      helper.accessor((row) => formatTime(row.startedAt, timeZone), {
        id: "start",
        header: t("start"),
        cell: (cell) => (
          <span className={mono}>
            {cell.getValue()}
            <FoldedTimes row={cell.row.original} timeZone={timeZone} />
          </span>
        ),
      }),
      helper.accessor((row) => formatTime(row.endedAt, timeZone), {
        id: "end",
        header: t("end"),
        meta: { className: wide },
        cell: (cell) => <span className={mono}>{cell.getValue()}</span>,
      }),
      helper.accessor("reason", {
        id: "reason",
        header: t("reason"),
        cell: (cell) => (
          <span className="block min-w-0">
            <span className="flex items-center gap-2">
              <ReasonMark reason={cell.getValue()} />
              <ReasonName reason={cell.getValue()} />
            </span>
            <span className="text-sm text-dim sm:hidden">{cell.row.original.detail}</span>
          </span>
        ),
      }),
      helper.accessor("detail", { id: "detail", header: t("detail"), meta: { className: wide } }),
      helper.accessor("errorCount", {
        id: "errors",
        header: t("errors"),
        meta: { className: "text-right", sort: sort("errors", t("errors")) },
        cell: (cell) => <ErrorCount count={cell.getValue()} largest={largest} />,
      }),
      helper.display({
        id: "open",
        meta: { className: "w-8" },
        header: () => <span className="sr-only">{t("openColumn")}</span>,
        cell: (cell) => <OpenLink row={cell.row.original} view={view} />,
      }),
    ]);
  }, [t, view, largest]);
}

/** May break behind an underscore where there is no room. */
function ReasonName({ reason }: { reason: ErrorReason }) {
  return (
    <span className="font-mono text-sm">
      {reason.split("_").map((word, index) => (
        <Fragment key={word}>
          {index > 0 && (
            <>
              _<wbr />
            </>
          )}
          {word}
        </Fragment>
      ))}
    </span>
  );
}

function sortOf(
  { channelId, filter }: ErrorsView,
  by: ErrorFilter["sort"],
  label: string,
): NonNullable<DataColumnMeta["sort"]> {
  const current = filter.sort === by ? filter.order : null;
  const order = current === "desc" ? "asc" : "desc";
  return { href: errorsHref(channelId, filter, { sort: by, order }), label, current };
}

/** Date and End where the columns have no room. */
function FoldedTimes({ row, timeZone }: { row: ErrorRow; timeZone: string }) {
  return (
    <span className="block text-xs text-dim sm:hidden">
      – {formatTime(row.endedAt, timeZone)}
      <br />
      {formatDate(row.startedAt, timeZone)}
    </span>
  );
}

/** The bar is relative to the largest on the page. */
function ErrorCount({ count, largest }: { count: number; largest: number }) {
  const locale = useLocale();
  return (
    <span className="flex items-center justify-end gap-3">
      <span aria-hidden className="hidden h-1.5 w-20 justify-end md:flex">
        <span
          className="rounded-full bg-brand/25"
          style={{ width: `${Math.max((count / largest) * 100, 2)}%` }}
        />
      </span>
      <span className="font-semibold tabular-nums">{formatCount(count, locale)}</span>
    </span>
  );
}

/** One link for the whole row; it is stretched over it. */
function OpenLink({ row, view }: { row: ErrorRow; view: ErrorsView }) {
  const { channelId, filter, timeZone } = view;
  const t = useTranslations("webhook-errors.table");
  const isOpen = filter.row !== null && formatRowKey(filter.row) === rowId(row);
  const names = {
    date: formatDate(row.startedAt, timeZone),
    start: formatTime(row.startedAt, timeZone),
    reason: row.reason,
    detail: row.detail,
  };
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <Link
      href={errorsHref(channelId, filter, { row: isOpen ? null : row.key })}
      scroll={false}
      prefetch={false}
      aria-expanded={isOpen}
      aria-label={t(isOpen ? "close" : "open", names)}
      className="block text-dim after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-brand"
    >
      <Icon aria-hidden className="size-4" />
    </Link>
  );
}
