import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import type { KnownCertificate } from "#lib/endpoint-health/schema.ts";
import { formatDateTime } from "#lib/format.ts";

/** When the bot server's certificate ends, as its deliveries saw it. */
export function CertificateRow({
  certificate: { host, endsAt, seenAt, daysLeft, endsSoon },
  timeZone,
}: {
  certificate: KnownCertificate;
  timeZone: string;
}) {
  const t = useTranslations("channels.certificate");
  return (
    <div id="certificate" className="px-5 py-4">
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <span className="font-medium wrap-anywhere">{t("title", { host })}</span>
        <Badge tone={daysLeft < 0 ? "bad" : endsSoon ? "warn" : "plain"}>
          {daysLeft < 0 ? t("ended") : t("left", { days: daysLeft })}
        </Badge>
      </p>
      <p className="mt-1 text-sm">{t("ends", { time: formatDateTime(endsAt, timeZone) })}</p>
      <p className="text-sm text-dim">{t("text", { time: formatDateTime(seenAt, timeZone) })}</p>
    </div>
  );
}
