import { useTranslations } from "next-intl";
import { formatDayMinute } from "#lib/format.ts";
import type { MailStanding } from "#lib/notifications/standing.ts";
import { notificationsPath } from "#lib/notifications/tab-path.ts";
import { lengthOf } from "#lib/notifications/threshold.ts";

type Shown = { standing: MailStanding; channelId: string; timeZone: string; now: Date };

/** The words for how a channel stands to its error mails, and where on the Notifications tab the cause of it is. */
export function useMailStanding({ standing, channelId, timeZone, now }: Shown): {
  value: string;
  note: string;
  causeHref: string;
} {
  const t = useTranslations("notifications.standing");
  const say = (at: Date) => formatDayMinute(at, timeZone, now);
  const { barrier, last, next, below, held } = standing;
  const tab = notificationsPath(channelId);
  if (barrier !== null) {
    const time = "at" in barrier ? say(barrier.at) : "";
    const isAboutPeople = barrier.why === "off" || barrier.why === "nobody";
    return {
      value: t(`barrier.${barrier.why}`),
      note: t(`why.${barrier.why}`, { time }),
      causeHref: `${tab}#${isAboutPeople ? "recipients" : "function"}`,
    };
  }
  const parts = [
    ...(last === null ? [] : [readersText(last, t)]),
    ...(held === null
      ? []
      : [
          t(held.isOneEnd ? "held" : "heldFirst", {
            time: say(held.until),
            count: held.recipientCount,
          }),
        ]),
    ...(next === null ? [] : [t(`next.${next.as}`, { time: say(next.at) })]),
    ...(below === null ? [] : [t(`below.${below.kind}`, belowValues(below))]),
  ];
  return {
    value: last === null ? t("none") : t(`last.${last.state}`, { time: say(last.at) }),
    note: parts.length === 0 ? t("quiet") : parts.join(" · "),
    causeHref: `${tab}#${below === null ? "history" : "threshold"}`,
  };
}

function belowValues({ value, windowMs }: NonNullable<MailStanding["below"]>) {
  return { value, ...lengthOf(windowMs) };
}

function readersText(
  { state, recipientCount: count, ofCount: of }: NonNullable<MailStanding["last"]>,
  t: ReturnType<typeof useTranslations<"notifications.standing">>,
): string {
  const people = count === of ? t("people", { count }) : t("someOf", { count, of });
  return state === "kept" ? t("keptFor", { people }) : people;
}
