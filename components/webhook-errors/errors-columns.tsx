import { createColumnHelper } from "@tanstack/react-table";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { Fragment, type ReactNode, useMemo } from "react";
import { ReasonMark } from "#components/statistics/reason-mark.tsx";
import type { DataColumnMeta, dataTableFeatures } from "#components/ui/data-table.tsx";
import { Link } from "#components/ui/link.tsx";
import { formatCount, formatDate, formatOffset, formatTime } from "#lib/format.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { errorsHref } from "#lib/webhook-errors/filter.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import {
  type ErrorColumn,
  type ErrorRow,
  type ErrorSort,
  errorColumnIds,
  errorColumns,
} from "#lib/webhook-errors/schema.ts";
import type { ErrorsView } from "./errors-view.ts";

type Clock = Pick<ErrorsView, "timeZone" | "hasOffsets">;
type CellProps = { row: ErrorRow; clock: Clock; largest: number };
type Look = { cell: (props: CellProps) => ReactNode; className?: string };

const wide = "hidden sm:table-cell";
const mono = "font-mono text-sm whitespace-nowrap tabular-nums";

/** How each column looks. What is hidden on a narrow screen is folded into another cell. */
const looks: Readonly<Record<ErrorColumn, Look>> = {
  date: {
    className: wide,
    cell: ({ row, clock }) => (
      <span className={`${mono} text-dim`}>{formatDate(row.startedAt, clock.timeZone)}</span>
    ),
  },
  start: {
    cell: ({ row, clock }) => (
      <span className={mono}>
        <Time at={row.startedAt} clock={clock} />
        <FoldedTimes row={row} clock={clock} />
      </span>
    ),
  },
  end: {
    className: wide,
    cell: ({ row, clock }) => (
      <span className={mono}>
        <Time at={row.endedAt} clock={clock} />
      </span>
    ),
  },
  reason: { cell: ({ row }) => <ReasonCell row={row} /> },
  detail: { className: wide, cell: ({ row }) => row.detail },
  errors: {
    className: "text-right",
    cell: ({ row, largest }) => <ErrorCount count={row.errorCount} largest={largest} />,
  },
};

const helper = createColumnHelper<typeof dataTableFeatures, ErrorRow>();

/** The columns of the list, and that with the link which opens a row. */
export function useErrorColumns(rows: readonly ErrorRow[], view: ErrorsView) {
  const t = useTranslations("webhook-errors.table");
  const largest = rows.reduce((most, row) => Math.max(most, row.errorCount), 1);
  return useMemo(() => {
    const { timeZone, hasOffsets } = view;
    const clock = { timeZone, hasOffsets };
    const metaOf = (id: ErrorColumn): DataColumnMeta => {
      const { className } = looks[id];
      const { sort } = errorColumns[id];
      return {
        ...(className === undefined ? {} : { className }),
        ...(sort === null ? {} : { sort: sortOf(view, sort, t("sortBy", { column: t(id) })) }),
      };
    };
    return helper.columns([
      ...errorColumnIds.map((id) =>
        helper.display({
          id,
          header: t(id),
          meta: metaOf(id),
          cell: (cell) => looks[id].cell({ row: cell.row.original, clock, largest }),
        }),
      ),
      helper.display({
        id: "open",
        meta: { className: "w-8" },
        header: () => <span className="sr-only">{t("openColumn")}</span>,
        cell: (cell) => <OpenLink row={cell.row.original} view={view} />,
      }),
    ]);
  }, [t, view, largest]);
}

function ReasonCell({ row }: { row: ErrorRow }) {
  return (
    <span className="block min-w-0">
      <span className="flex items-center gap-2">
        <ReasonMark reason={row.reason} />
        <ReasonName reason={row.reason} />
      </span>
      <span className="text-sm text-dim sm:hidden">{row.detail}</span>
    </span>
  );
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
  by: ErrorSort,
  label: string,
): NonNullable<DataColumnMeta["sort"]> {
  const current = filter.sort === by ? filter.order : null;
  const order = current === "desc" ? "asc" : "desc";
  return { href: errorsHref(channelId, filter, { sort: by, order }), label, current };
}

function Time({ at, clock }: { at: Date; clock: Clock }) {
  const time = formatTime(at, clock.timeZone);
  if (!clock.hasOffsets) return time;
  return (
    <>
      {time} <span className="text-dim sm:max-xl:block">{formatOffset(at, clock.timeZone)}</span>
    </>
  );
}

/** Date and End where the columns have no room. */
function FoldedTimes({ row, clock }: { row: ErrorRow; clock: Clock }) {
  return (
    <span className="block text-xs text-dim sm:hidden">
      – <Time at={row.endedAt} clock={clock} />
      <br />
      {formatDate(row.startedAt, clock.timeZone)}
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
  const { channelId, filter, timeZone, hasOffsets } = view;
  const t = useTranslations("webhook-errors.table");
  const start = formatTime(row.startedAt, timeZone);
  const isOpen = filter.row !== null && formatRowKey(filter.row) === formatRowKey(row.key);
  const names = {
    date: formatDate(row.startedAt, timeZone),
    start: hasOffsets ? `${start} ${formatOffset(row.startedAt, timeZone)}` : start,
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
