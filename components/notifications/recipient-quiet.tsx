"use client";

import { useTranslations } from "next-intl";
import { Link } from "#components/ui/link.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { QuietHours } from "#lib/quiet-hours/schema.ts";
import { QuietHoursForm } from "./quiet-hours-form.tsx";
import { useQuietHoursText } from "./use-quiet-hours-text.ts";

/** Quiet hours of the channel's address and of the reader; `zone` is the reader's, and what a channel begins with. */
export type RecipientQuiet = {
  ofChannel: QuietHours | null;
  own: QuietHours | null;
  zone: string;
  zones: readonly string[];
};

/** The quiet hours of the channel's own address, and a form for them; without a script, too. */
export function ChannelQuiet({
  channelId,
  quiet: { ofChannel: hours, zone: readersZone, zones },
  action,
}: {
  channelId: string;
  quiet: RecipientQuiet;
  action: FormAction;
}) {
  const t = useTranslations("notifications.quietHours");
  const say = useQuietHoursText();
  const zone = hours?.timeZone ?? readersZone;
  return (
    <details className="rounded-md border open:pb-4">
      <summary className="cursor-pointer px-4 py-2.5">
        {t("summary", { hours: say(hours, zone) })}
      </summary>
      <div className="grid gap-4 px-4 pt-1">
        <p className="text-sm text-dim">{t("text")}</p>
        <QuietHoursForm
          of={{ whose: "channel", channelId, zone, zones }}
          hours={hours}
          action={action}
        />
      </div>
    </details>
  );
}

/** The reader's own, which are set elsewhere. */
export function OwnQuiet({ quiet: { own, zone } }: { quiet: RecipientQuiet }) {
  const t = useTranslations("notifications.quietHours");
  const say = useQuietHoursText();
  return (
    <p className="text-sm text-dim">
      {t("own", { hours: say(own, zone) })}{" "}
      <Link
        href="/console/profile/basics#quiet-hours"
        className="text-brand underline underline-offset-2"
      >
        {t("change")}
      </Link>
    </p>
  );
}
