"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, Suspense, useRef, useState } from "react";
import { ColumnsMenu } from "#components/statistics/columns-menu.tsx";
import { listAnchor } from "#components/statistics/neighbour-pages.tsx";
import { TableFooter } from "#components/statistics/table-footer.tsx";
import { Card } from "#components/ui/card.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import type { LogPage, LogTotal as Total } from "#lib/delivery-log/schema.ts";
import {
  type DeliveriesTableLook,
  deliveriesLookCookie,
  hideableColumns,
} from "#lib/delivery-log/table-look.ts";
import type { FormAction } from "#lib/form-state.ts";
import { useDeliveriesColumns } from "./deliveries-columns.tsx";
import type { DeliveriesView } from "./deliveries-view.ts";
import { LogPages } from "./log-pages.tsx";
import { LogTotal } from "./log-total.tsx";
import { RedeliverSelected } from "./redeliver-selected.tsx";

type DeliveriesTableProps = {
  page: LogPage;
  view: DeliveriesView;
  /** Null: the person may not redeliver; then nothing can be selected. */
  redeliver: FormAction | null;
  empty: ReactNode;
  look: DeliveriesTableLook;
  /** How many webhooks there are on all pages; null when they could not be counted. */
  total: Promise<Total | null>;
};

/** The log, the newest first. Ended webhooks can be selected; a row leads to the webhook's own page. */
export function DeliveriesTable({ page, view, redeliver, ...props }: DeliveriesTableProps) {
  const { empty, total } = props;
  const t = useTranslations("deliveries.table");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // What left the page, or is waiting by now, is not selected any more.
  const selectable = page.webhooks.filter((one) => one.finishedAt !== null).map((one) => one.id);
  const chosen = selectable.filter((id) => selected.has(id));
  const bar = useRef<HTMLButtonElement>(null);
  const [look, setLook] = useState(props.look);
  const columns = useDeliveriesColumns(view, {
    canSelect: redeliver !== null,
    selectable,
    chosen,
    onSelect: (ids) => setSelected(new Set(ids)),
    onEnter: () => bar.current?.focus(),
  });
  const delivered = page.webhooks.filter(
    (one) => one.state === "delivered" && chosen.includes(one.id),
  );
  return (
    <div>
      <Card id={listAnchor} className="scroll-mt-4 overflow-hidden" aria-label={t("caption")}>
        {page.webhooks.length === 0 ? (
          empty
        ) : (
          // Whoever shows every column may have to scroll them.
          <div className="overflow-x-auto">
            <DataTable
              caption={t("caption")}
              columns={columns}
              rows={page.webhooks}
              rowId={(row) => row.id}
              look={look}
            />
          </div>
        )}
        <TableFooter>
          <span className="flex items-center gap-3">
            <ColumnsMenu
              columns={hideableColumns.map((id) => ({ id, label: t(id) }))}
              look={look}
              cookie={deliveriesLookCookie}
              onLook={setLook}
            />
            <span className="text-sm text-dim tabular-nums">
              <Suspense>
                <LogTotal total={total} />
              </Suspense>
            </span>
          </span>
          <LogPages page={page} view={view} />
        </TableFooter>
      </Card>
      {redeliver !== null && (
        <RedeliverSelected
          channelId={view.channelId}
          chosen={chosen}
          deliveredCount={delivered.length}
          action={redeliver}
          onClear={() => setSelected(new Set())}
          button={bar}
        />
      )}
    </div>
  );
}
