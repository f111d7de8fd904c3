import { useLocale, useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Link } from "#components/ui/link.tsx";
import type { Slow } from "#lib/answer-times/slow.ts";
import { deliveriesHref } from "#lib/delivery-log/filter.ts";
import { formatCount } from "#lib/format.ts";

/** On every page of a channel whose bot server answers so slowly that time-outs are near. */
export function SlowCallout({ slow, channelId }: { slow: Slow; channelId: string }) {
  const t = useTranslations("channels.slow");
  const locale = useLocale();
  return (
    <Callout title={t("title")}>
      <p>{t("text", { ms: formatCount(slow.p95Ms, locale) })}</p>
      <Link
        href={deliveriesHref(channelId, undefined, { range: "1h" })}
        prefetch={false}
        className="text-brand hover:underline"
      >
        {t("show")} <span aria-hidden>→</span>
      </Link>
    </Callout>
  );
}
