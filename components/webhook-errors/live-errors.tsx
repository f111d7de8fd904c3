"use client";

import { type ReactNode, useMemo } from "react";
import { DownloadMenu } from "#components/exports/download-menu.tsx";
import { useDrawnStamp } from "#components/live/drawn-standing.tsx";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { figuresHref, viewKey } from "#lib/live/view.ts";
import { type ErrorFilter, errorSearch, isFiltered } from "#lib/webhook-errors/filter.ts";
import type { ErrorRange } from "#lib/webhook-errors/range.ts";
import type { ErrorsTableLook } from "#lib/webhook-errors/table-look.ts";
import { ErrorsChart } from "./errors-chart.tsx";
import { ErrorsEmpty } from "./errors-empty.tsx";
import type { ErrorsFigures, ToldFigures } from "./errors-figures.ts";
import { ErrorsTable } from "./errors-table.tsx";
import { ErrorsToolbar } from "./errors-toolbar.tsx";
import type { ErrorsView } from "./errors-view.ts";
import type { ProblemActionSet } from "./problem-actions.tsx";
import { ProblemsCard } from "./problems-card.tsx";
import { SummaryStrip } from "./summary-strip.tsx";
import { useNewest } from "./use-newest.ts";

type LiveErrorsProps = {
  /** As they were when the page was rendered. */
  figures: ErrorsFigures;
  /** How many rows there are on all pages; null when they could not be counted. */
  rowCount: Promise<number | null>;
  view: Omit<ErrorsView, "hasOffsets">;
  ownZone: string;
  mayManage: boolean;
  causeNames: Readonly<Record<LikelyCause, string>>;
  actions: ProblemActionSet;
  look: ErrorsTableLook;
  /** What is said above the figures. */
  notices: ReactNode;
  /** What stands below the open row. */
  panel: ReactNode;
};

/** Summary, chart, problems and list of a view, kept up to date by what is sent of it. */
export function LiveErrors({ figures: rendered, rowCount: counted, ...props }: LiveErrorsProps) {
  const { ownZone, mayManage, causeNames, actions, look, notices, panel } = props;
  const { channelId, filter, timeZone } = props.view;
  const stamp = useDrawnStamp();
  // The server alone renders what stands below the open row, what is said above, and the head of the channel.
  const isPageOld = (told: ToldFigures): boolean =>
    filter.row !== null ||
    told.around !== stamp ||
    told.notCountedSince?.getTime() !== rendered.notCountedSince?.getTime();
  const { figures, sent, takeFigures } = useNewest(
    rendered,
    viewKey(channelId, props.view),
    isPageOld,
  );
  const { asOf: now, range, hasOffsets, summary, chart, page, problems, standing } = figures;
  const { changes, isCut, notCountedSince } = figures;
  const view = useMemo(() => ({ ...props.view, hasOffsets }), [props.view, hasOffsets]);
  const rowCount = sent === null ? counted : sent.rowCount;
  return (
    <div className="space-y-4">
      <ErrorsToolbar
        view={view}
        range={range}
        ownZone={ownZone}
        live={{ href: figuresHref(channelId, props.view), takeFigures }}
        download={
          // What the address asked and nobody understood was left out: a file would hold more than was asked.
          filter.notUnderstood === undefined && (
            <DownloadMenu href={downloadHref(view, range)} rowCount={rowCount} />
          )
        }
      />
      {notices}
      <SummaryStrip
        summary={summary}
        isFiltered={isFiltered(filter)}
        mail={{ standing, channelId, mayManage }}
        timeZone={timeZone}
        now={now}
      />
      <ErrorsChart
        data={{ ...chart, changes, isCut, live: range.live && notCountedSince === null }}
        view={view}
      />
      <ProblemsCard
        {...problems}
        causeNames={causeNames}
        standing={standing}
        view={view}
        now={now}
        actions={actions}
        mayMute={mayManage}
      />
      <ErrorsTable
        page={page}
        view={view}
        rowCount={rowCount}
        look={look}
        panel={panel}
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
  { from, to }: Pick<ErrorRange, "from" | "to">,
): string {
  return `/console/channel/${channelId}/statistics/errors/tsv${errorSearch(filter, { range: { from, to }, zone: timeZone })}`;
}

function whyEmpty(filter: ErrorFilter, attemptCount: number): "filtered" | "quiet" | "healthy" {
  if (isFiltered(filter)) return "filtered";
  return attemptCount === 0 ? "quiet" : "healthy";
}
