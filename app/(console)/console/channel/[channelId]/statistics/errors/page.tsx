import type { Metadata } from "next";
import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { Notice } from "#components/ui/notice.tsx";
import { AggregationOff } from "#components/webhook-errors/aggregation-off.tsx";
import { DownloadMenu } from "#components/webhook-errors/download-menu.tsx";
import { ErrorsChart } from "#components/webhook-errors/errors-chart.tsx";
import { ErrorsEmpty } from "#components/webhook-errors/errors-empty.tsx";
import { ErrorsTable } from "#components/webhook-errors/errors-table.tsx";
import { ErrorsToolbar } from "#components/webhook-errors/errors-toolbar.tsx";
import { SummaryStrip } from "#components/webhook-errors/summary-strip.tsx";
import { env } from "#lib/env.ts";
import { can } from "#lib/members/permissions.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { type ErrorFilter, errorSearch, isFiltered } from "#lib/webhook-errors/filter.ts";
import { countErrorRows } from "#lib/webhook-errors/list-rows.ts";
import { parseErrorFilter } from "#lib/webhook-errors/parse-filter.ts";
import { resolveRange } from "#lib/webhook-errors/range.ts";
import { readErrorsPage } from "#lib/webhook-errors/read-page.ts";
import { parseTableLook, tableLookCookie } from "#lib/webhook-errors/table-look.ts";
import { canonicalZone } from "#lib/webhook-errors/zones.ts";
import { OpenRow } from "./open-row.tsx";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("webhook-errors");
  return { title: t("title") };
}

export default async function ErrorsPage({ params, searchParams }: PageProps) {
  const { channelId } = await params;
  const { user, channel, role } = await requireChannel(channelId, "see_errors");
  const canSwitch = can(role, "manage_messaging_api");
  if (!channel.errorStatisticsAggregation) {
    return (
      <AggregationOff channelId={channelId} useWebhook={channel.useWebhook} canSwitch={canSwitch} />
    );
  }
  const filter = parseErrorFilter(await searchParams);
  const now = new Date();
  const days = env().retentionDays.rows;
  const ownZone = canonicalZone(user.timeZone ?? env().displayTimeZone) ?? "UTC";
  const view = { channelId, filter, timeZone: filter.zone ?? ownZone };
  const range = resolveRange(filter.range, now, { retentionDays: days, timeZone: view.timeZone });
  const question = { ...filter, channelId, from: range.from, to: range.to };
  // Not waited for: the count costs more the more there is, and stands in a menu only.
  const rowCount = countErrorRows(database().db, question).catch(() => null);
  const [t, { summary, chart, page }, jar] = await Promise.all([
    getTranslations("webhook-errors"),
    readErrorsPage(database().db, { channelId, filter, range, timeZone: view.timeZone }),
    cookies(),
  ]);
  const open = page.rows.find((row) => isOpen(row.key, filter.row));
  return (
    <div className="space-y-4">
      <ErrorsToolbar
        view={view}
        range={range}
        ownZone={ownZone}
        download={
          <DownloadMenu
            href={`/console/channel/${channelId}/statistics/errors/tsv${errorSearch(filter, { range: { from: range.from, to: range.to }, zone: view.timeZone })}`}
            rowCount={rowCount}
          />
        }
      />
      {range.pastRetention && <Notice>{t("range.pastRetention", { days })}</Notice>}
      <SummaryStrip summary={summary} timeZone={view.timeZone} now={now} />
      <ErrorsChart data={{ ...chart, live: range.live }} view={view} />
      <ErrorsTable
        page={page}
        view={view}
        look={parseTableLook(jar.get(tableLookCookie)?.value)}
        panel={open && <OpenRow row={open} view={view} range={range} canVerify={canSwitch} />}
        empty={
          <ErrorsEmpty why={whyEmpty(filter, summary.attemptCount)} gaps={chart.gaps.length > 0} />
        }
      />
    </div>
  );
}

type PageProps = {
  params: Promise<{ channelId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

function isOpen(key: NonNullable<ErrorFilter["row"]>, row: ErrorFilter["row"]): boolean {
  return (
    row !== null &&
    key.minute.getTime() === row.minute.getTime() &&
    key.reason === row.reason &&
    key.detail === row.detail
  );
}

function whyEmpty(filter: ErrorFilter, attemptCount: number): "filtered" | "quiet" | "healthy" {
  if (isFiltered(filter)) return "filtered";
  return attemptCount === 0 ? "quiet" : "healthy";
}
