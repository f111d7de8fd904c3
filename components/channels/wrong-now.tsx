import { CircleCheck } from "lucide-react";
import { useTranslations } from "next-intl";
import { Card } from "#components/ui/card.tsx";
import { Link } from "#components/ui/link.tsx";
import { failingCountedMax } from "#lib/channels/failing-bounds.ts";
import type { FailingChannel } from "#lib/channels/schema.ts";
import { FailingList } from "./failing-list.tsx";

/** A part of the home page: the channels that fail, of a person or of the platform; or that none does. */
export function WrongNow({
  id,
  title,
  well,
  text,
  channels,
  hasMore,
  count,
  timeZone,
  now,
}: {
  id: string;
  title: string;
  /** That nothing is wrong. */
  well: string;
  text?: string;
  channels: readonly FailingChannel[];
  hasMore: boolean;
  /** How many fail, where that was counted: of the platform. */
  count?: number;
  timeZone: string;
  now: Date;
}) {
  const t = useTranslations("lists.home");
  return (
    <section className="space-y-3" aria-labelledby={id}>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 id={id} className="text-xl font-semibold">
          {title}
        </h2>
        {channels.length > 0 && (
          <p className="text-dim">{howMany(t, { channels, hasMore, count })}</p>
        )}
        {hasMore && count === undefined && (
          <Link
            prefetch={false}
            href="/console/channels?state=failing"
            className="text-sm text-brand hover:underline"
          >
            {t("showAll")}
          </Link>
        )}
      </div>
      <Card>
        {channels.length > 0 ? (
          <FailingList channels={channels} timeZone={timeZone} now={now} />
        ) : (
          <div className="flex items-start gap-3 px-5 py-4">
            <CircleCheck className="mt-0.5 size-5 shrink-0 text-good" aria-hidden />
            <div>
              <p className="font-medium">{well}</p>
              {text !== undefined && <p className="text-dim">{text}</p>}
            </div>
          </div>
        )}
      </Card>
    </section>
  );
}

function howMany(
  t: ReturnType<typeof useTranslations<"lists.home">>,
  {
    channels,
    hasMore,
    count,
  }: { channels: readonly unknown[]; hasMore: boolean; count: number | undefined },
): string {
  const shown = channels.length;
  if (!hasMore) return t("failing", { count: shown });
  const latest = t("latest", { shown });
  if (count === undefined) return `${t("failingMore", { count: shown })} ${latest}`;
  const isCounted = count <= failingCountedMax;
  return `${isCounted ? t("failing", { count }) : t("failingMore", { count: failingCountedMax })} ${latest}`;
}
