import { useLocale, useTranslations } from "next-intl";
import { formatWeekday } from "#lib/format.ts";
import { formatClock, type QuietHours } from "#lib/quiet-hours/schema.ts";

/** Quiet hours in one line, such as "22:00–07:00 (Asia/Tokyo), Mon, Tue". `zone`: where they count. */
export function useQuietHoursText(): (hours: QuietHours | null, zone: string) => string {
  const t = useTranslations("notifications.quietHours");
  const locale = useLocale();
  return (hours, zone) => {
    if (hours === null) return t("none");
    const { beginsAt, endsAt, weekdays } = hours;
    const days = weekdays.map((one) => formatWeekday(one, locale)).join(", ");
    const span = `${formatClock(beginsAt)}–${formatClock(endsAt)} (${zone})`;
    return weekdays.length === 7 ? span : `${span}, ${days}`;
  };
}
