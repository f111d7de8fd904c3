import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Link } from "#components/ui/link.tsx";
import { deliveriesHref } from "#lib/delivery-log/filter.ts";

/** Above what was counted while it was: since when it no longer is, and where failures are to be seen meanwhile. */
export function NotCounted({
  channelId,
  time,
  canSwitch,
}: {
  channelId: string;
  time: string;
  canSwitch: boolean;
}) {
  const t = useTranslations("webhook-errors.off");
  const link = "text-brand underline-offset-2 hover:underline";
  return (
    <Callout tone="warn" title={t("since", { time })}>
      <p className="text-sm">{t("sinceText")}</p>
      <p className="mt-1 flex flex-wrap gap-x-4">
        <Link href={deliveriesHref(channelId)} className={link}>
          {t("deliveries")}
        </Link>
        {canSwitch && (
          <Link href={`/console/channel/${channelId}/messaging-api`} className={link}>
            {t("action")}
          </Link>
        )}
      </p>
    </Callout>
  );
}
