import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Link } from "#components/ui/link.tsx";
import type { DoubtfulHour } from "#lib/delivered-answers/schema.ts";
import { deliveriesHref } from "#lib/delivery-log/filter.ts";

/** On every page of a channel, while most of what it had delivered within the last hour was answered doubtfully. */
export function DoubtfulCallout({ hour, channelId }: { hour: DoubtfulHour; channelId: string }) {
  const t = useTranslations("channels.doubtful");
  const { doubt, doubtfulCount: count, deliveredCount: total } = hour;
  return (
    <Callout tone="warn" title={t("title")}>
      <p>{t("text", { count, total })}</p>
      <p>{t(doubt)}</p>
      <Link
        href={deliveriesHref(channelId, undefined, { range: "1h", doubtful: true })}
        prefetch={false}
        className="text-brand hover:underline"
      >
        {t("show")} <span aria-hidden>→</span>
      </Link>
    </Callout>
  );
}
