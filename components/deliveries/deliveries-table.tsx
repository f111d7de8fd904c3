"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useMemo, useState } from "react";
import { momentText } from "#components/statistics/moment-text.ts";
import { listAnchor } from "#components/statistics/neighbour-pages.tsx";
import { TableFooter } from "#components/statistics/table-footer.tsx";
import { Card } from "#components/ui/card.tsx";
import { DataTable, type dataTableFeatures } from "#components/ui/data-table.tsx";
import { webhookHref } from "#lib/delivery-log/filter.ts";
import type { LoggedWebhook, LogPage } from "#lib/delivery-log/schema.ts";
import type { FormAction } from "#lib/form-state.ts";
import { formatDate, formatTime } from "#lib/format.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { DeliveryStateMark } from "./delivery-state-mark.tsx";
import { DoubtMark } from "./doubt-mark.tsx";
import { LogPages } from "./log-pages.tsx";
import { RedeliverSelected } from "./redeliver-selected.tsx";

const helper = createColumnHelper<typeof dataTableFeatures, LoggedWebhook>();
const wide = "hidden sm:table-cell";
const mono = "font-mono text-sm whitespace-nowrap tabular-nums";

type DeliveriesTableProps = {
  page: LogPage;
  view: DeliveriesView;
  /** Null: the person may not redeliver; then nothing can be selected. */
  redeliver: FormAction | null;
  empty: ReactNode;
};

/** The log, the newest first. Ended webhooks can be selected; a row leads to the webhook's own page. */
export function DeliveriesTable({ page, view, redeliver, empty }: DeliveriesTableProps) {
  const t = useTranslations("deliveries.table");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // What left the page, or is waiting by now, is not selected any more.
  const selectable = page.webhooks.filter((one) => one.finishedAt !== null).map((one) => one.id);
  const chosen = selectable.filter((id) => selected.has(id));
  const columns = useColumns(view, {
    canSelect: redeliver !== null,
    selectable,
    chosen,
    onSelect: (ids) => setSelected(new Set(ids)),
  });
  return (
    <Card id={listAnchor} className="scroll-mt-4 overflow-hidden" aria-label={t("caption")}>
      {page.webhooks.length === 0 ? (
        empty
      ) : (
        <DataTable
          caption={t("caption")}
          columns={columns}
          rows={page.webhooks}
          rowId={(row) => row.id}
          look={{ hidden: [], density: "comfortable" }}
        />
      )}
      <TableFooter>
        {redeliver !== null && page.webhooks.length > 0 && (
          <RedeliverSelected
            channelId={view.channelId}
            chosen={chosen}
            action={redeliver}
            onDone={() => setSelected(new Set())}
          />
        )}
        <LogPages page={page} view={view} />
      </TableFooter>
    </Card>
  );
}

type Selection = {
  canSelect: boolean;
  selectable: readonly string[];
  chosen: readonly string[];
  onSelect: (ids: readonly string[]) => void;
};

function useColumns({ channelId, filter, timeZone }: DeliveriesView, selection: Selection) {
  const t = useTranslations("deliveries.table");
  const columns = useMemo(
    () =>
      helper.columns([
        helper.accessor((row) => formatTime(row.acceptedAt, timeZone), {
          id: "accepted",
          header: t("accepted"),
          cell: (cell) => (
            <Link
              href={webhookHref(channelId, cell.row.original.id, filter)}
              prefetch={false}
              aria-label={t("open", {
                time: `${formatDate(cell.row.original.acceptedAt, timeZone)} ${cell.getValue()}`,
                id: cell.row.original.id,
              })}
              className={`${mono} after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-brand`}
            >
              <span className="block text-dim sm:inline">
                {formatDate(cell.row.original.acceptedAt, timeZone)}
              </span>{" "}
              {cell.getValue()}
            </Link>
          ),
        }),
        helper.accessor("state", {
          id: "state",
          header: t("state"),
          cell: (cell) => (
            <span className="block min-w-0">
              <DeliveryStateMark state={cell.getValue()} />
              {cell.row.original.doubt !== null && (
                <span className="block">
                  <DoubtMark doubt={cell.row.original.doubt} />
                </span>
              )}
              <span className="block text-sm text-dim sm:hidden">
                <Events webhook={cell.row.original} />
              </span>
              <span className={`block text-dim md:hidden ${mono}`}>
                <Then webhook={cell.row.original} timeZone={timeZone} />
              </span>
            </span>
          ),
        }),
        helper.display({
          id: "events",
          header: t("events"),
          meta: { className: wide },
          cell: (cell) => <Events webhook={cell.row.original} />,
        }),
        helper.accessor("attempts", {
          id: "attempts",
          header: t("attempts"),
          meta: { className: "text-right tabular-nums" },
        }),
        helper.display({
          id: "then",
          header: t("then"),
          meta: { className: "hidden md:table-cell" },
          cell: (cell) => (
            <span className={`${mono} text-dim`}>
              <Then webhook={cell.row.original} timeZone={timeZone} />
            </span>
          ),
        }),
        helper.accessor("id", {
          id: "id",
          header: t("id"),
          meta: { className: "hidden min-[1440px]:table-cell" },
          cell: (cell) => <span className={`${mono} text-dim`}>{cell.getValue()}</span>,
        }),
      ]),
    [t, channelId, filter, timeZone],
  );
  if (!selection.canSelect) return columns;
  return helper.columns([selectColumn(t, timeZone, selection), ...columns]);
}

function selectColumn(
  t: ReturnType<typeof useTranslations<"deliveries.table">>,
  timeZone: string,
  { selectable, chosen, onSelect }: Selection,
) {
  const all = selectable.length > 0 && chosen.length === selectable.length;
  return helper.display({
    id: "select",
    meta: { className: "w-10" },
    header: () => (
      <Checkbox
        label={t("selectAll")}
        checked={all}
        disabled={selectable.length === 0}
        onChange={() => onSelect(all ? [] : selectable)}
      />
    ),
    cell: ({ row: { original } }) => {
      const checked = chosen.includes(original.id);
      const others = chosen.filter((id) => id !== original.id);
      const time = formatTime(original.acceptedAt, timeZone);
      return (
        <Checkbox
          label={t("select", { time, id: original.id })}
          checked={checked}
          disabled={original.finishedAt === null}
          onChange={() => onSelect(checked ? others : [...others, original.id])}
        />
      );
    },
  });
}

/** Above the link that is stretched over the row; the label around it makes it large enough to hit. */
function Checkbox({
  label,
  ...props
}: {
  label: string;
  checked: boolean;
  disabled: boolean;
  onChange: () => void;
}) {
  return (
    <label className="relative z-10 -m-2 inline-flex p-2 align-middle">
      <input
        type="checkbox"
        aria-label={label}
        className="size-4 accent-brand disabled:opacity-40"
        {...props}
      />
    </label>
  );
}

function Events({ webhook: { eventTypes, eventCount } }: { webhook: LoggedWebhook }) {
  const t = useTranslations("deliveries.table");
  const count = t("eventCount", { count: eventCount });
  if (eventTypes.length === 0) return <span className="text-dim">{count}</span>;
  return (
    <span className="wrap-anywhere">
      {eventTypes.slice(0, 3).join(", ")}
      {(eventCount > 1 || eventTypes.length > 3) && <span className="text-dim"> · {count}</span>}
    </span>
  );
}

/** What became of it and when, or what comes next. */
function Then({ webhook, timeZone }: { webhook: LoggedWebhook; timeZone: string }) {
  const t = useTranslations("deliveries.table");
  if (webhook.finishedAt !== null) return momentText(webhook.finishedAt, timeZone);
  if (webhook.state === "waiting" && webhook.dueAt !== null) {
    return t("due", { time: momentText(webhook.dueAt, timeZone) });
  }
  return "–";
}
