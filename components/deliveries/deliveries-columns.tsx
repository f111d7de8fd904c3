"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useLocale, useTranslations } from "next-intl";
import { Fragment, useMemo } from "react";
import { momentText } from "#components/statistics/moment-text.ts";
import { ReasonMark } from "#components/statistics/reason-mark.tsx";
import type { dataTableFeatures } from "#components/ui/data-table.tsx";
import { Link } from "#components/ui/link.tsx";
import { causeHref } from "#lib/causes/schema.ts";
import { webhookHref } from "#lib/delivery-log/filter.ts";
import type { LoggedWebhook } from "#lib/delivery-log/schema.ts";
import { formatCount, formatDate, formatTime } from "#lib/format.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { DeliveryStateMark } from "./delivery-state-mark.tsx";
import { DoubtMark } from "./doubt-mark.tsx";

const helper = createColumnHelper<typeof dataTableFeatures, LoggedWebhook>();
const wide = "hidden sm:table-cell";
const mono = "font-mono text-sm whitespace-nowrap tabular-nums";

export type Selection = {
  canSelect: boolean;
  selectable: readonly string[];
  chosen: readonly string[];
  onSelect: (ids: readonly string[]) => void;
  /** Enter on a tick box: on to what can be done with the selection, past the rest of the list. */
  onEnter: () => void;
};

export function useDeliveriesColumns(
  { channelId, filter, timeZone, causeNames }: DeliveriesView,
  selection: Selection,
) {
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
              <span className="block text-sm text-dim xl:hidden">
                <Outcome webhook={cell.row.original} />
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
          id: "reason",
          header: t("reason"),
          meta: { className: "hidden xl:table-cell" },
          cell: (cell) => <Reason webhook={cell.row.original} />,
        }),
        helper.accessor("statusCode", {
          id: "statusCode",
          header: t("statusCode"),
          meta: { className: "hidden text-right tabular-nums xl:table-cell" },
          cell: (cell) => cell.getValue() ?? <span className="text-dim">–</span>,
        }),
        helper.display({
          id: "answerMs",
          header: t("answerMs"),
          meta: { className: "hidden text-right xl:table-cell" },
          cell: (cell) => <AnswerTime answerMs={cell.row.original.answerMs} />,
        }),
        helper.display({
          id: "likelyCause",
          header: t("likelyCause"),
          meta: { className: "hidden xl:table-cell" },
          cell: ({ row: { original } }) =>
            original.likelyCause === null ? (
              <span className="text-dim">–</span>
            ) : (
              <Link
                prefetch={false}
                href={causeHref(original.likelyCause)}
                className="relative z-10 text-brand hover:underline"
              >
                {causeNames[original.likelyCause]}
              </Link>
            ),
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
          meta: { className: "hidden lg:table-cell" },
          cell: (cell) => <span className={`${mono} text-dim`}>{cell.getValue()}</span>,
        }),
      ]),
    [t, channelId, filter, timeZone, causeNames],
  );
  if (!selection.canSelect) return columns;
  return helper.columns([selectColumn(t, timeZone, selection), ...columns]);
}

function selectColumn(
  t: ReturnType<typeof useTranslations<"deliveries.table">>,
  timeZone: string,
  { selectable, chosen, onSelect, onEnter }: Selection,
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
        onEnter={onEnter}
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
          onEnter={onEnter}
        />
      );
    },
  });
}

/** Above the link that is stretched over the row; the label around it makes it large enough to hit. */
function Checkbox({
  label,
  onEnter,
  ...props
}: {
  label: string;
  checked: boolean;
  disabled: boolean;
  onChange: () => void;
  onEnter: () => void;
}) {
  return (
    <label className="relative z-10 -m-2 inline-flex p-2 align-middle">
      <input
        type="checkbox"
        aria-label={label}
        aria-keyshortcuts="Enter"
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          // Else the same press would go on to what it leads to, and redeliver.
          event.preventDefault();
          onEnter();
        }}
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
    <span className="inline-block min-w-20 wrap-anywhere">
      {eventTypes.slice(0, 3).join(", ")}
      {(eventCount > 1 || eventTypes.length > 3) && <span className="text-dim"> · {count}</span>}
    </span>
  );
}

function Reason({ webhook: { reason, detail } }: { webhook: LoggedWebhook }) {
  if (reason === null) return <span className="text-dim">–</span>;
  return (
    <span className="block min-w-0">
      <span className="flex items-center gap-2">
        <ReasonMark reason={reason} />
        <ReasonName reason={reason} />
      </span>
      {reason !== "error_status_code" && <span className="text-sm text-dim">{detail}</span>}
    </span>
  );
}

function AnswerTime({ answerMs }: { answerMs: number | null }) {
  const t = useTranslations("deliveries.table");
  const locale = useLocale();
  if (answerMs === null) return <span className="text-dim">–</span>;
  return (
    <span className="whitespace-nowrap tabular-nums">
      {t("ms", { ms: formatCount(Math.round(answerMs), locale) })}
    </span>
  );
}

/** Broken behind an underscore where there is no room. */
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

/** Reason, status and answer time where the columns have no room. */
function Outcome({ webhook: { reason, statusCode, answerMs } }: { webhook: LoggedWebhook }) {
  return (
    <span className="flex flex-wrap gap-x-2">
      {reason !== null && <ReasonName reason={reason} />}
      {statusCode !== null && <span className="tabular-nums">{statusCode}</span>}
      {answerMs !== null && <AnswerTime answerMs={answerMs} />}
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
