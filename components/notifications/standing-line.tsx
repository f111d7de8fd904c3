import { useTranslations } from "next-intl";
import { useMailStanding } from "#components/statistics/mail-standing.ts";
import { Link } from "#components/ui/link.tsx";

/** How a channel stands to its error mails right now, in one line. */
export function StandingLine(props: Parameters<typeof useMailStanding>[0]) {
  const t = useTranslations("notifications.standing");
  const { value, note, causeHref } = useMailStanding(props);
  return (
    <p className="px-5 pb-3 text-sm">
      <span className="text-dim">{t("now")}</span>{" "}
      <Link href={causeHref} className="font-medium text-brand underline-offset-2 hover:underline">
        {value}
      </Link>{" "}
      <span className="text-dim">· {note}</span>
    </p>
  );
}
