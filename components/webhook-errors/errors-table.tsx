"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, Suspense, useState } from "react";
import { type Counted, RowCount } from "#components/exports/row-count.tsx";
import { listAnchor } from "#components/statistics/neighbour-pages.tsx";
import { TableFooter } from "#components/statistics/table-footer.tsx";
import { Card } from "#components/ui/card.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import type { PageStart } from "#lib/webhook-errors/filter.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import type { ErrorRow } from "#lib/webhook-errors/schema.ts";
import type { ErrorsTableLook } from "#lib/webhook-errors/table-look.ts";
import { useErrorColumns } from "./errors-columns.tsx";
import type { ErrorsView } from "./errors-view.ts";
import { MissedChip } from "./missed-chip.tsx";
import { TableMenu } from "./table-menu.tsx";
import { TablePages } from "./table-pages.tsx";
import { useArrivals, useIsAbove } from "./use-arrivals.ts";

type ErrorsTableProps = {
  page: { rows: ErrorRow[]; previous: PageStart | null; next: PageStart | null };
  view: ErrorsView;
  /** What stands below the open row. */
  panel: ReactNode;
  look: ErrorsTableLook;
  empty: ReactNode;
  /** How many rows there are on all pages; null when they could not be counted. */
  rowCount: Counted;
};

/** The list. On a narrow screen Date, End and Detail fold into the row. */
export function ErrorsTable({ page, view, panel, look: remembered, ...props }: ErrorsTableProps) {
  const { empty, rowCount } = props;
  const t = useTranslations("webhook-errors.table");
  const [look, setLook] = useState(remembered);
  const columns = useErrorColumns(page.rows, view);
  const { row } = view.filter;
  const [head, setHead] = useState<HTMLElement | null>(null);
  const { freshIds, missedCount } = useArrivals(page.rows, view.filter, useIsAbove(head));
  return (
    <Card className="overflow-hidden" aria-label={t("caption")}>
      <span ref={setHead} id={listAnchor} className="block scroll-mt-4" />
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
