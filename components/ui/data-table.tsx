"use client";

import {
  type Cell,
  type ColumnDef,
  type ColumnVisibilityState,
  columnVisibilityFeature,
  metaHelper,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { cn } from "./cn.ts";
import { Link } from "./link.tsx";

export type DataColumnMeta = {
  /** Classes of the head and the cells, such as alignment or the width from which the column is shown. */
  className?: string;
  /** Where the head leads to sort by this column; absent: not sortable. */
  sort?: { href: string; label: string; current: "asc" | "desc" | null };
};

/** What tables made here can do: hide columns. Sorting, filtering and paging are done by the server, through the address. */
export const dataTableFeatures = tableFeatures({
  columnVisibilityFeature,
  columnMeta: metaHelper<DataColumnMeta>(),
});
type TableLook = { hidden: readonly string[]; density: "comfortable" | "compact" };

type DataTableProps<Row extends object> = {
  caption: string;
  columns: ColumnDef<typeof dataTableFeatures, Row, unknown>[];
  rows: Row[];
  rowId: (row: Row) => string;
  look: TableLook;
  /** Rows that have only just come: they slide in. */
  freshIds?: ReadonlySet<string>;
  /** The open row and what is shown below it. */
  open?: { id: string; panel: ReactNode } | null;
};

/** A table whose rows can open. Columns, order and pages come from outside. */
export function DataTable<Row extends object>({
  caption,
  columns,
  rows,
  rowId,
  look,
  freshIds,
  open = null,
}: DataTableProps<Row>) {
  const columnVisibility: ColumnVisibilityState = Object.fromEntries(
    look.hidden.map((id) => [id, false]),
  );
  const table = useTable({
    features: dataTableFeatures,
    columns,
    data: rows,
    getRowId: rowId,
    state: { columnVisibility },
  });
  const padding = look.density === "compact" ? "py-1" : "py-2.5";
  return (
    <table className="w-full border-collapse text-left">
      <caption className="sr-only">{caption}</caption>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map((header) => (
              <HeadCell key={header.id} meta={header.column.columnDef.meta}>
                <table.FlexRender header={header} />
              </HeadCell>
            ))}
          </tr>
        ))}
      </thead>
      <tbody>
        {table.getRowModel().rows.map((row) => {
          const isOpen = open?.id === row.id;
          const cells = row.getVisibleCells();
          return (
            <Fragment key={row.id}>
              <tr
                className={cn(
                  "relative border-t",
                  isOpen ? "bg-brand-soft/50" : "hover:bg-sunk/60",
                  freshIds?.has(row.id) && "animate-in duration-150 fade-in slide-in-from-top-2",
                )}
              >
                {cells.map((cell) => (
                  <td
                    key={cell.id}
                    className={cn(
                      "px-2 align-middle first:pl-4 last:pr-3 sm:px-3 sm:first:pl-5",
                      padding,
                      cell.column.columnDef.meta?.className,
                    )}
                  >
                    {renderCell(cell)}
                  </td>
                ))}
              </tr>
              {isOpen && (
                <tr className="bg-brand-soft/50">
                  <td colSpan={cells.length} className="px-4 pb-5 sm:px-5">
                    {open.panel}
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

/**
 * Called, not made a component of: columns are made anew with each view, and a link that came back as another would lose the
 * focus that opened a row.
 */
function renderCell<Row extends object>(
  cell: Cell<typeof dataTableFeatures, Row, unknown>,
): ReactNode {
  const { cell: content } = cell.column.columnDef;
  return typeof content === "function" ? content(cell.getContext()) : content;
}

function HeadCell({ meta, children }: { meta: DataColumnMeta | undefined; children: ReactNode }) {
  const sort = meta?.sort;
  const direction = sort?.current === "asc" ? "ascending" : "descending";
  return (
    <th
      scope="col"
      aria-sort={sort === undefined || sort.current === null ? undefined : direction}
      className={cn(
        "px-2 py-2.5 text-sm font-normal whitespace-nowrap text-dim first:pl-4 last:pr-3 sm:px-3 sm:first:pl-5",
        meta?.className,
      )}
    >
      {sort === undefined ? (
        children
      ) : (
        <Link
          href={sort.href}
          scroll={false}
          prefetch={false}
          aria-label={sort.label}
          className={cn(
            "inline-flex items-center gap-1 hover:text-ink",
            sort.current !== null && "font-semibold text-ink",
          )}
        >
          {children}
          {sort.current === "asc" && <ArrowUp aria-hidden className="size-3.5" />}
          {sort.current === "desc" && <ArrowDown aria-hidden className="size-3.5" />}
        </Link>
      )}
    </th>
  );
}
