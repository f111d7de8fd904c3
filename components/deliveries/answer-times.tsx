import { useLocale, useTranslations } from "next-intl";
import { momentText } from "#components/statistics/moment-text.ts";
import { Card } from "#components/ui/card.tsx";
import { answerLimitMs } from "#lib/answer-times/buckets.ts";
import type { AnswerPoint } from "#lib/answer-times/percentile.ts";
import { formatCount } from "#lib/format.ts";

/** A little more than the limit, so that its line stands below the edge. */
const topMs = answerLimitMs * 1.1;
const height = 100;
const y = (ms: number): number => height - (Math.min(ms, topMs) / topMs) * height;

/**
 * How long the bot server took to answer, against the limit: drawn by the server, so that it costs the browser nothing and is there
 * without JavaScript. Each stretch is named where it is pointed at, and stands in a table for those who do not see it.
 */
export function AnswerTimes({
  points,
  timeZone,
}: {
  points: readonly AnswerPoint[];
  timeZone: string;
}) {
  const t = useTranslations("deliveries.answerTimes");
  const locale = useLocale();
  const isEmpty = points.every((point) => point.count === 0);
  const say = ({ from, count, p50Ms, p95Ms }: AnswerPoint): string =>
    t("point", {
      ...{ time: momentText(from, timeZone), count: formatCount(count, locale) },
      ...{ p50: p50Ms ?? 0, p95: p95Ms ?? 0 },
    });
  return (
    <Card aria-labelledby="answer-times" className="px-4 pt-4 pb-3 sm:px-5">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 id="answer-times" className="font-semibold">
          {t("title")}
        </h2>
        {!isEmpty && <Legend />}
        <p className="text-xs text-dim sm:ml-auto">{t("all")}</p>
      </div>
      {isEmpty ? (
        <p className="pb-1 text-dim">{t("empty")}</p>
      ) : (
        <>
          <div className="relative h-32 pl-9">
            <YLabels />
            <svg
              viewBox={`0 0 ${points.length} ${height}`}
              preserveAspectRatio="none"
              aria-hidden
              className="size-full overflow-visible"
            >
              <Rule points={points.length} ms={0} className="stroke-line" />
              <Rule points={points.length} ms={answerLimitMs / 2} className="stroke-line" />
              <Rule points={points.length} ms={answerLimitMs} className="stroke-bad" dash="6 4" />
              <Steps
                points={points.map((point) => point.p50Ms)}
                className="stroke-brand"
                dash="3 2"
              />
              <Steps points={points.map((point) => point.p95Ms)} className="stroke-brand" />
              {points.map((point, index) => (
                <rect
                  key={point.from.getTime()}
                  {...{ x: index, y: 0, width: 1, height }}
                  fill="transparent"
                  className="hover:fill-brand/10"
                >
                  <title>{point.count === 0 ? "" : say(point)}</title>
                </rect>
              ))}
            </svg>
          </div>
          <p aria-hidden className="mt-1 flex justify-between pl-9 text-xs text-dim tabular-nums">
            <span>{momentText(points[0]?.from ?? new Date(0), timeZone)}</span>
            <span>{momentText(points.at(-1)?.from ?? new Date(0), timeZone)}</span>
          </p>
          <ul className="sr-only" aria-label={t("title")}>
            {points
              .filter((point) => point.count > 0)
              .map((point) => (
                <li key={point.from.getTime()}>{say(point)}</li>
              ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function Legend() {
  const t = useTranslations("deliveries.answerTimes");
  const entries = [
    ["p95", "border-t-2 border-brand"],
    ["p50", "border-t-2 border-dashed border-brand"],
    ["limit", "border-t-2 border-dashed border-bad"],
  ] as const;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-dim">
      {entries.map(([key, look]) => (
        <li key={key} className="flex items-center gap-1.5">
          <span aria-hidden className={`w-4 ${look}`} />
          {t(key)}
        </li>
      ))}
    </ul>
  );
}

function YLabels() {
  const t = useTranslations("deliveries.answerTimes");
  return [0, answerLimitMs / 2, answerLimitMs].map((ms) => (
    <span
      key={ms}
      aria-hidden
      className="absolute left-0 -translate-y-1/2 text-xs text-dim tabular-nums"
      style={{ top: `${y(ms)}%` }}
    >
      {t("seconds", { seconds: ms / 1_000 })}
    </span>
  ));
}

const rule = { fill: "none", vectorEffect: "non-scaling-stroke" } as const;

function Rule({
  ms,
  points,
  className,
  dash,
}: {
  ms: number;
  points: number;
  className: string;
  dash?: string;
}) {
  return (
    <path d={`M0 ${y(ms)} H${points}`} strokeDasharray={dash} className={className} {...rule} />
  );
}

/** A step for each stretch, so that one on its own is seen; none where nothing was counted. */
function Steps({
  points,
  className,
  dash,
}: {
  points: readonly (number | null)[];
  className: string;
  dash?: string;
}) {
  const path = points
    .map((ms, index) => {
      if (ms === null) return "";
      const joins = index > 0 && points[index - 1] !== null;
      return `${joins ? `V${y(ms)}` : `M${index} ${y(ms)}`} H${index + 1}`;
    })
    .join(" ");
  return (
    <path d={path} strokeWidth={1.75} strokeDasharray={dash} className={className} {...rule} />
  );
}
