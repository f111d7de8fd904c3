import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { DownloadMenu } from "#components/exports/download-menu.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { ErrorsChart } from "#components/webhook-errors/errors-chart.tsx";
import { ErrorsEmpty } from "#components/webhook-errors/errors-empty.tsx";
import { ErrorsTable } from "#components/webhook-errors/errors-table.tsx";
import { ErrorsToolbar } from "#components/webhook-errors/errors-toolbar.tsx";
import type { ErrorsView } from "#components/webhook-errors/errors-view.ts";
import { NotCounted } from "#components/webhook-errors/not-counted.tsx";
import { ProblemsCard } from "#components/webhook-errors/problems-card.tsx";
import { SummaryStrip } from "#components/webhook-errors/summary-strip.tsx";
import { env } from "#lib/env.ts";
import { formatDateTime } from "#lib/format.ts";
import { readMailStanding } from "#lib/notifications/read-standing.ts";
import { constantOffsetMinutes } from "#lib/time/wall-time.ts";
import { database } from "#lib/web/database.ts";
import { readForPage } from "#lib/web/reading.ts";
import { consoleTime } from "#lib/web/time.ts";
import {
  type ErrorFilter,
  errorSearch,
  errorsHref,
  isFiltered,
} from "#lib/webhook-errors/filter.ts";
import { listChanges } from "#lib/webhook-errors/list-changes.ts";
import { countErrorRows } from "#lib/webhook-errors/list-rows.ts";
import { resolveRange } from "#lib/webhook-errors/range.ts";
import { readErrorsPage } from "#lib/webhook-errors/read-page.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import { parseTableLook, tableLookCookie } from "#lib/webhook-errors/table-look.ts";
import { giveBack, mute, take, unmute } from "./actions.ts";
import { OpenRow } from "./open-row.tsx";
import { readProblems } from "./read-problems.ts";

type ContentProps = {
  userId: string;
  view: Omit<ErrorsView, "hasOffsets">;
  ownZone: string;
  canVerify: boolean;
  canManageMails: boolean;
  /** Who changed what is told. */
  seesLog: boolean;
  /** Null: errors are being counted. */
  notCountedSince: Date | null;
  /** Nothing comes later: no script would show it. */
  isWhole: boolean;
};

/** Summary, chart and list of one view; the page has checked that the person may see errors of the channel. */
export async function ErrorsContent(props: ContentProps) {
  const { userId, ownZone, canVerify, canManageMails: mayManage, notCountedSince, isWhole } = props;
  const { channelId, filter, timeZone } = props.view;
  const now = await consoleTime();
  const days = env().retentionDays.rows;
  const range = resolveRange(filter.range, now, { retentionDays: days, timeZone });
  const hasOffsets = constantOffsetMinutes(timeZone, range.from, range.to) === null;
  const view: ErrorsView = { ...props.view, hasOffsets };
  const { seesLog } = props;
  const [t, read, standing, marks, jar] = await Promise.all([
    getTranslations("webhook-errors"),
    readForPage(userId, async (db) => {
      const [data, problems] = await Promise.all([
        readErrorsPage(db, { channelId, filter, range, timeZone }),
        readProblems(db, { channelId, from: range.from, to: range.to }),
      ]);
      return {
        ...data,
        problems,
        // Not waited for: the count costs more the more there is.
        rowCount: countErrorRows(db, {
          ...filter,
          channelId,
          from: range.from,
          to: range.to,
        }).catch(() => null),
      };
    }),
    readMailStanding(database().pool, channelId, env().notificationPolicy),
    listChanges(database().db, channelId, range, { seesLog }),
    cookies(),
  ]);
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const { summary, chart, page, problems, rowCount } = read.data;
  if (isWhole) await rowCount;
  const { row } = filter;
  const open = row && page.rows.find((one) => formatRowKey(one.key) === formatRowKey(row));
  return (
    <div className="space-y-4">
      <ErrorsToolbar
        view={view}
        range={range}
        ownZone={ownZone}
        download={
          // What the address asked and nobody understood was left out: a file would hold more than was asked.
          filter.notUnderstood === undefined && (
            <DownloadMenu href={downloadHref(view, range)} rowCount={rowCount} />
          )
        }
      />
      <NotUnderstoodCallout
        parts={filter.notUnderstood}
        href={errorsHref(channelId, filter)}
        holds="file"
      />
      {range.pastRetention && <Callout>{t("range.pastRetention", { days })}</Callout>}
      {notCountedSince !== null && (
        <NotCounted
          channelId={channelId}
          time={formatDateTime(notCountedSince, timeZone)}
          canSwitch={canVerify}
        />
      )}
      <SummaryStrip
        summary={summary}
        isFiltered={isFiltered(filter)}
        mail={{ standing, channelId, mayManage }}
        timeZone={timeZone}
        now={now}
      />
      <ErrorsChart
        data={{ ...chart, ...marks, live: range.live && notCountedSince === null }}
        view={view}
      />
      <ProblemsCard
        {...problems}
        standing={standing}
        view={view}
        now={now}
        actions={{ mute, unmute, take, giveBack }}
        mayMute={mayManage}
      />
      <ErrorsTable
        page={page}
        view={view}
        rowCount={rowCount}
        look={parseTableLook(jar.get(tableLookCookie)?.value)}
        panel={
          open && (
            <OpenRow userId={userId} row={open} view={view} range={range} canVerify={canVerify} />
          )
        }
        empty={
          <ErrorsEmpty why={whyEmpty(filter, summary.attemptCount)} gaps={chart.gaps.length > 0} />
        }
      />
    </div>
  );
}

/** The file has what the page shows: the range as it was resolved, in the same zone. */
function downloadHref(
  { channelId, filter, timeZone }: ErrorsView,
  { from, to }: { from: Date; to: Date },
): string {
  return `/console/channel/${channelId}/statistics/errors/tsv${errorSearch(filter, { range: { from, to }, zone: timeZone })}`;
}

function whyEmpty(filter: ErrorFilter, attemptCount: number): "filtered" | "quiet" | "healthy" {
  if (isFiltered(filter)) return "filtered";
  return attemptCount === 0 ? "quiet" : "healthy";
}
