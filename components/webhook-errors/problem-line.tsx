import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { ReasonMark, reasonLooks } from "#components/statistics/reason-mark.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import { formatDate, formatMinute, formatOffset } from "#lib/format.ts";
import type { Problem } from "#lib/problems/schema.ts";
import { errorsHref } from "#lib/webhook-errors/filter.ts";
import type { ErrorsView } from "./errors-view.ts";
import { SparkLine } from "./spark-line.tsx";

export type LineProps = {
  problem: Problem;
  /** The name of its likely cause. */
  cause: string | null;
  /** Who is told of it, in words. */
  told: ReactNode;
  view: ErrorsView;
  now: Date;
  actions: ReactNode;
};

/** One problem: what it is, how it goes, who knows, who does something about it. Its name filters the list beneath. */
export function ProblemLine({ problem, cause, told, view, now, actions }: LineProps) {
  const t = useTranslations("problems");
  const { errorCount, webhookCount, firstAt, lastAt, trend, reason, resolvedAt } = problem;
  const say = (at: Date) => timeText(at, view, now);
  return (
    <li
      className={cn(
        "grid gap-x-5 gap-y-2 border-t px-4 py-3 first:border-t-0 sm:px-5 md:grid-cols-[minmax(0,1fr)_auto_12.5rem]",
        isChosen(problem, view) && "bg-sunk",
      )}
    >
      <div className="min-w-0 space-y-1">
        <ProblemName problem={problem} view={view} />
        {cause !== null && <p className="text-sm">{t("cause", { cause })}</p>}
        <p className="text-sm text-dim">
          {t("seen", { first: say(firstAt), last: say(lastAt) })}
          {" · "}
          {t("told.label")}: {told}
        </p>
      </div>
      <SparkLine
        counts={trend}
        label={t("trend")}
        colour={resolvedAt === null ? reasonLooks[reason].colour : "var(--dim)"}
      />
      <div className="text-sm md:text-right">
        <p className="font-semibold tabular-nums">{t("errors", { count: errorCount })}</p>
        <p className="text-dim">{t("webhooks", { count: webhookCount })}</p>
      </div>
      <div className="flex min-w-0 flex-wrap items-center justify-between gap-2 md:col-span-3">
        <StateText problem={problem} say={say} />
        {actions}
      </div>
    </li>
  );
}

const isChosen = ({ reason, detail }: Problem, { filter }: ErrorsView): boolean =>
  filter.reason === reason && filter.detail === detail;

function ProblemName({ problem, view }: { problem: Problem; view: ErrorsView }) {
  const t = useTranslations("problems");
  const reasonName = useTranslations("webhook-errors.reason");
  const { reason, detail, resolvedAt, former, muted } = problem;
  const chosen = isChosen(problem, view);
  const none = { reason: null, detail: null };
  const label = chosen ? t("showAll") : t("show", { reason: reasonName(reason), detail });
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <ReasonMark reason={reason} />
      <Link
        href={errorsHref(
          view.channelId,
          view.filter,
          chosen ? none : { reason, detail, status: null },
        )}
        scroll={false}
        prefetch={false}
        aria-current={chosen ? "true" : undefined}
        title={label}
        className="font-semibold wrap-anywhere underline-offset-2 hover:underline"
      >
        {detail}
        <span className="sr-only"> ({label})</span>
      </Link>
      <span className="text-sm text-dim">{reasonName(reason)}</span>
      {resolvedAt !== null && <Badge tone="good">{t("resolved")}</Badge>}
      {former !== null && <Badge tone="warn">{t("cameBack")}</Badge>}
      {muted !== null && <Badge>{t("muted")}</Badge>}
    </p>
  );
}

/** What people and time have done about it, in words. */
function StateText({ problem, say }: { problem: Problem; say: (at: Date) => string }) {
  const t = useTranslations("problems");
  const { resolvedAt, former, muted, taken } = problem;
  const nameOf = ({ by }: { by: string | null }) => by ?? t("somebody");
  return (
    <div className="min-w-0 space-y-0.5 text-sm wrap-anywhere">
      {resolvedAt !== null && <p>{t("resolvedText", { time: say(resolvedAt) })}</p>}
      {former !== null && (
        <p>
          {t("cameBackText", {
            time: say(former.backAt),
            from: say(former.firstAt),
            to: say(former.lastAt),
          })}
        </p>
      )}
      {taken !== null && <p>{t("taken", { name: nameOf(taken), time: say(taken.at) })}</p>}
      {muted !== null && (
        <p>
          {muted.until === null
            ? t("mutedUntilChange", { name: nameOf(muted) })
            : t("mutedUntil", { name: nameOf(muted), time: say(muted.until) })}
        </p>
      )}
    </div>
  );
}

/** `10:41`, with its day when that is not today's, and with its offset where the range has more than one. */
export function timeText(at: Date, { timeZone, hasOffsets }: ErrorsView, now: Date): string {
  const day = formatDate(at, timeZone);
  const time = formatMinute(at, timeZone);
  const full = hasOffsets ? `${time} ${formatOffset(at, timeZone)}` : time;
  return day === formatDate(now, timeZone) ? full : `${day} ${full}`;
}
