import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { CancellationCallout } from "#components/channels/cancellation-callout.tsx";
import { DeliveriesEmpty } from "#components/deliveries/deliveries-empty.tsx";
import { DeliveriesTable } from "#components/deliveries/deliveries-table.tsx";
import { DeliveriesToolbar } from "#components/deliveries/deliveries-toolbar.tsx";
import type { CauseNames, DeliveriesView } from "#components/deliveries/deliveries-view.ts";
import { RedeliveryJobs } from "#components/deliveries/redelivery-jobs.tsx";
import { DownloadMenu } from "#components/exports/download-menu.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { InParts } from "#components/ui/in-parts.tsx";
import { Link } from "#components/ui/link.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { findCancellation } from "#lib/cancellations/find.ts";
import { likelyCauses } from "#lib/causes/schema.ts";
import { countTotal } from "#lib/delivery-log/count.ts";
import { deliveriesHref, type LogFilter, logSearch } from "#lib/delivery-log/filter.ts";
import { listWebhooks } from "#lib/delivery-log/list.ts";
import type { LogPage, LogQuestion, LogTotal } from "#lib/delivery-log/schema.ts";
import { deliveriesLookCookie, parseDeliveriesLook } from "#lib/delivery-log/table-look.ts";
import { can } from "#lib/members/permissions.ts";
import { listRedeliveryJobs } from "#lib/redeliveries/list-jobs.ts";
import type { ChannelAccess } from "#lib/web/access.ts";
import { readForPage } from "#lib/web/reading.ts";
import { cancelJob, redeliver } from "./actions.ts";
import { AnswerTimesPanel } from "./answer-times-panel.tsx";
import { RedeliverAllPanel } from "./redeliver-all-panel.tsx";
import { resolveView } from "./resolve-view.ts";

type ContentProps = { access: ChannelAccess; filter: LogFilter; isWhole: boolean };

/** Toolbar, jobs and list of one view; the page has checked that the person may see the log. */
export async function DeliveriesContent({ access, filter, isWhole }: ContentProps) {
  const { user, channel, role } = access;
  const mayRedeliver = can(role, "redeliver");
  const resolved = await resolveView(channel.id, filter, user);
  const { question, range, timeZone, ascending } = resolved;
  const view = { channelId: channel.id, filter, timeZone, causeNames: await causeNames() };
  const [t, jar, read] = await Promise.all([
    getTranslations("deliveries"),
    cookies(),
    readForPage(user.id, (db) =>
      Promise.all([
        listWebhooks(db, question, filter.page, { ascending }),
        listRedeliveryJobs(db, channel.id, resolved.now),
        findCancellation(db, channel.id),
      ]),
    ),
  ]);
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const [page, jobs, cancellation] = read.data;
  const shown =
    filter.webhookId === null
      ? page
      : { ...page, webhooks: page.webhooks.filter((one) => one.id === filter.webhookId) };
  const total = readTotal(user.id, question, shown);
  if (isWhole) await total;
  // What the address asked and nobody understood was left out: nothing is done with all of what is shown instead.
  const isWhatWasAsked = filter.notUnderstood === undefined;
  const opensPanel = mayRedeliver && filter.webhookId === null && isWhatWasAsked;
  return (
    <div className="space-y-4">
      <DeliveriesToolbar
        view={view}
        range={range}
        ownZone={resolved.ownZone}
        action={
          <>
            {opensPanel && (
              <Link
                href={deliveriesHref(channel.id, filter, { redelivers: true })}
                scroll={false}
                prefetch={false}
                className={buttonClass()}
              >
                {t("redeliver.all")}
              </Link>
            )}
            {isWhatWasAsked && (
              <DownloadMenu href={downloadHref(view, range)} rowCount={rowsOf(total)} />
            )}
          </>
        }
      />
      <NotUnderstoodCallout
        parts={filter.notUnderstood}
        href={deliveriesHref(channel.id, filter)}
        holds="fileAndRedelivery"
      />
      {range.pastRetention && (
        <Callout>{t("pastRetention", { days: resolved.retentionDays })}</Callout>
      )}
      {filter.eventId !== null && <Callout>{t("eventSearch")}</Callout>}
      {opensPanel && filter.redelivers && (
        <InParts isWhole={isWhole} fallback={<Skeleton className="h-64 rounded-card" />}>
          <RedeliverAllPanel userId={user.id} view={view} question={question} />
        </InParts>
      )}
      {cancellation !== null && <CancellationCallout progress={cancellation} />}
      <RedeliveryJobs jobs={jobs} view={view} cancel={mayRedeliver ? cancelJob : null} />
      <InParts isWhole={isWhole} fallback={<Skeleton className="h-52 rounded-card" />}>
        <AnswerTimesPanel
          userId={user.id}
          channelId={channel.id}
          range={range}
          timeZone={timeZone}
        />
      </InParts>
      <DeliveriesTable
        page={shown}
        view={view}
        redeliver={mayRedeliver ? redeliver : null}
        look={parseDeliveriesLook(jar.get(deliveriesLookCookie)?.value)}
        total={total}
        empty={<DeliveriesEmpty view={view} searchedTo={page.searchedTo} />}
      />
    </div>
  );
}

/** Where there is but one page, it tells. */
async function readTotal(
  userId: string,
  question: LogQuestion,
  { webhooks, previous, next }: LogPage,
): Promise<LogTotal | null> {
  if (previous === null && next === null) return { count: webhooks.length, isComplete: true };
  const read = await readForPage(userId, (db) => countTotal(db, question));
  return read.state === "read" ? read.data : null;
}

const rowsOf = async (total: Promise<LogTotal | null>): Promise<number | null> => {
  const known = await total;
  return known?.isComplete ? known.count : null;
};

/** The file has what the page shows: the range as it was resolved, in the same zone. */
const downloadHref = (
  { channelId, filter, timeZone }: DeliveriesView,
  { from, to }: { from: Date; to: Date },
): string => {
  const shown = { range: { from, to }, zone: timeZone, page: null, redelivers: false };
  return `${deliveriesHref(channelId)}/tsv${logSearch(filter, shown)}`;
};

async function causeNames(): Promise<CauseNames> {
  const t = await getTranslations("causes");
  return Object.fromEntries(likelyCauses.map((cause) => [cause, t(`${cause}.name`)])) as CauseNames;
}
