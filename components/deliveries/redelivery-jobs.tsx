import { useLocale, useTranslations } from "next-intl";
import { momentText } from "#components/statistics/moment-text.ts";
import { Card } from "#components/ui/card.tsx";
import { Link } from "#components/ui/link.tsx";
import { Shape, type ShapeKind } from "#components/ui/shape.tsx";
import { defaultLogFilter, deliveriesHref, type LogFilter } from "#lib/delivery-log/filter.ts";
import { filterStates } from "#lib/delivery-log/schema.ts";
import type { FormAction } from "#lib/form-state.ts";
import { formatCount, formatDateTime } from "#lib/format.ts";
import type { JobEnds, RedeliveryJob } from "#lib/redeliveries/schema.ts";
import { CancelJob } from "./cancel-job.tsx";
import type { CauseNames, DeliveriesView } from "./deliveries-view.ts";
import { KeepFresh } from "./keep-fresh.tsx";
import { useOutcomeTexts } from "./outcome-texts.ts";

type JobsProps = {
  jobs: readonly RedeliveryJob[];
  view: DeliveriesView;
  /** Null: the person may not. */
  cancel: FormAction | null;
};

/** The jobs that run and those that ended today; it keeps itself up to date while one runs. */
export function RedeliveryJobs({ jobs, view, cancel }: JobsProps) {
  const t = useTranslations("deliveries.jobs");
  if (jobs.length === 0) return null;
  return (
    <Card aria-labelledby="redelivery-jobs">
      <h2 id="redelivery-jobs" className="px-5 pt-4 pb-2 text-lg font-semibold">
        {t("title")}
      </h2>
      <ul>
        {jobs.map((job) => (
          <li key={job.id} className="border-t px-5 py-3 first:border-t-0">
            <Job job={job} view={view} cancel={cancel} />
          </li>
        ))}
      </ul>
      {jobs.some(isUnderWay) && <KeepFresh everyMs={2_000} />}
    </Card>
  );
}

/** It still queues, or what it queued has not all ended. */
const isUnderWay = ({ state, ended }: RedeliveryJob): boolean =>
  state === "running" || (ended !== null && ended.open > 0);

const looks = {
  running: { shape: "circle", text: "text-brand" },
  done: { shape: "circle", text: "text-good" },
  cancelled: { shape: "diamond", text: "text-dim" },
  stopped: { shape: "square", text: "text-bad" },
} as const satisfies Record<RedeliveryJob["state"], { shape: ShapeKind; text: string }>;

function Job({
  job,
  view: { channelId, timeZone, causeNames },
  cancel,
}: {
  job: RedeliveryJob;
  view: DeliveriesView;
  cancel: FormAction | null;
}) {
  const t = useTranslations("deliveries.jobs");
  const locale = useLocale();
  const time = formatDateTime(job.createdAt, timeZone);
  const { shape, text } = looks[job.state];
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="inline-flex items-center gap-2 font-medium">
          <Shape kind={shape} className={text} />
          {t(`state.${job.state === "done" && isUnderWay(job) ? "waiting" : job.state}`)}
        </span>
        <span className="tabular-nums">
          {job.expectedCount === null || job.state === "done"
            ? t("queued", { count: job.redeliveredCount })
            : t("ofExpected", { count: job.redeliveredCount, expected: job.expectedCount })}
        </span>
        <span className="text-sm text-dim wrap-anywhere">
          <FilterText filter={job.filter} causeNames={causeNames} />
        </span>
        <span className="ml-auto text-sm text-dim">
          {t("by", {
            name: job.createdBy ?? t("somebody"),
            time: momentText(job.createdAt, timeZone),
          })}
        </span>
        {job.state === "running" && cancel !== null && (
          <CancelJob channelId={channelId} jobId={job.id} action={cancel} time={time} />
        )}
      </div>
      {job.state === "running" && (
        <progress
          max={100}
          value={Math.floor(job.progress * 100)}
          aria-label={t("progress", { time })}
          className="h-1.5 w-full overflow-hidden rounded-full [&::-moz-progress-bar]:bg-brand [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-brand"
        />
      )}
      {job.ended !== null && <Ends job={job} ends={job.ended} channelId={channelId} />}
      <ul className="flex flex-wrap gap-x-4 text-sm text-dim tabular-nums">
        <li>{t("matched", { count: job.matchedCount })}</li>
        {job.waitingCount > 0 && <li>{t("waiting", { count: job.waitingCount })}</li>}
        {job.takenCount > 0 && <li>{t("taken", { count: job.takenCount })}</li>}
        <li>{t("speed", { count: formatCount(job.ratePerSecond, locale) })}</li>
        {job.finishedAt !== null && <li>{momentText(job.finishedAt, timeZone)}</li>}
        {job.stopReason !== null && <li>{t(`stopReason.${job.stopReason}`)}</li>}
      </ul>
    </div>
  );
}

/** What became of what it queued, each a link to those webhooks. */
function Ends({ job, ends, channelId }: { job: RedeliveryJob; ends: JobEnds; channelId: string }) {
  const t = useTranslations("deliveries.jobs.ends");
  const { delivered, failed, cancelled, open } = ends;
  const counts = [
    ["sent", delivered + failed, true],
    ["delivered", delivered, true],
    ["failed", failed, true],
    ["cancelled", cancelled, cancelled > 0],
    ["open", open, open > 0],
  ] as const;
  return (
    <ul className="flex flex-wrap gap-x-4 tabular-nums">
      {counts.map(([came, count, isSaid]) =>
        isSaid ? (
          <li key={came}>
            {count === 0 ? (
              <span className="text-dim">{t(came, { count })}</span>
            ) : (
              <Link
                href={deliveriesHref(channelId, defaultLogFilter, {
                  range: wholeMinutes(job),
                  job: { id: job.id, came },
                })}
                prefetch={false}
                className="text-brand underline-offset-2 hover:underline"
              >
                {t(came, { count })}
              </Link>
            )}
          </li>
        ) : null,
      )}
    </ul>
  );
}

const minuteMs = 60_000;

/** Addresses name whole minutes. */
const wholeMinutes = ({ from, to }: RedeliveryJob) => ({
  from: new Date(Math.floor(from.getTime() / minuteMs) * minuteMs),
  to: new Date(Math.ceil(to.getTime() / minuteMs) * minuteMs),
});

const isAllButDelivered = (states: LogFilter["states"]): boolean =>
  states !== null && states.length === filterStates.length - 1 && !states.includes("delivered");

/** The filters in words. */
export function FilterText({
  filter: { states, eventType, eventId, doubtful, job, outcome, sourceId },
  causeNames,
}: {
  filter: Pick<
    LogFilter,
    "states" | "eventType" | "eventId" | "doubtful" | "job" | "outcome" | "sourceId"
  >;
  causeNames: CauseNames;
}) {
  const t = useTranslations("deliveries");
  const ends = useOutcomeTexts(outcome, causeNames);
  const parts = [
    ...(isAllButDelivered(states)
      ? [t("jobs.filterUndelivered")]
      : (states ?? []).map((state) => t(`state.${state}`))),
    doubtful ? t("filter.doubtful") : null,
    eventType,
    eventId,
    ...ends.map((one) => one.name),
    sourceId,
    job === null ? null : t(`jobs.part.${job.came ?? "all"}`),
  ].filter((part) => part !== null);
  return parts.length === 0 ? t("jobs.filterAll") : parts.join(" · ");
}
