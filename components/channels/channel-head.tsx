import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Shape } from "#components/ui/shape.tsx";
import type { ChannelState } from "#lib/channels/schema.ts";
import { formatDate, formatMinute } from "#lib/format.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import { ChannelIcon } from "./channel-icon.tsx";
import { ChannelPlace } from "./channel-place.tsx";
import { ChannelStateMark } from "./channel-state-mark.tsx";

export type ChannelStanding = {
  state: ChannelState;
  failingSince: Date | null;
  /** Most of the last hour's deliveries were answered doubtfully. */
  isDoubtful: boolean;
};

const tones = {
  no_events: "plain",
  healthy: "good",
  some_errors: "warn",
  failing: "bad",
  suspended: "bad",
  webhook_off: "plain",
} as const satisfies Record<ChannelState, string>;

/** Where the channel stands, its name, the person's role in it, and how its deliveries go. */
export function ChannelHead({
  channel,
  role,
  pin,
  standing,
  timeZone,
}: {
  channel: {
    id: string;
    name: string;
    iconHash: string | null;
    providerId: string;
    providerName: string;
  };
  role: ChannelRole;
  /** What keeps the channel in the side bar. */
  pin: ReactNode;
  /** Null: the role may not see errors. */
  standing: ChannelStanding | null;
  timeZone: string;
}) {
  const t = useTranslations("members.roles");
  return (
    <div className="space-y-2">
      <ChannelPlace
        crumbs={[
          {
            label: channel.providerName,
            href: `/console/provider/${channel.providerId}/channels`,
          },
          { label: channel.name, href: `/console/channel/${channel.id}/basics` },
        ]}
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <ChannelIcon channel={channel} />
        <h1 className="min-w-0 text-3xl font-semibold tracking-tight">{channel.name}</h1>
        <Badge>{t(role)}</Badge>
        <Badge className="font-mono">{channel.id}</Badge>
        {standing !== null && <StandingBadge standing={standing} timeZone={timeZone} />}
        {pin}
      </div>
    </div>
  );
}

function StandingBadge({ standing, timeZone }: { standing: ChannelStanding; timeZone: string }) {
  const t = useTranslations("channels");
  const { state, failingSince, isDoubtful } = standing;
  // Without errors, but nobody can say that it is well.
  if (isDoubtful && state === "healthy") {
    return (
      <Badge tone="warn">
        <Shape kind="diamond" className="text-warn" />
        {t("doubtful.badge")}
      </Badge>
    );
  }
  return (
    <Badge tone={tones[state]} title={t(`stateHint.${state}`)}>
      <span aria-hidden className="contents">
        <ChannelStateMark state={state} />
      </span>
      {failingSince === null
        ? t(`state.${state}`)
        : t("failingSince", { time: sinceText(failingSince, timeZone) })}
    </Badge>
  );
}

/** The day is said when it is not today's. */
function sinceText(since: Date, timeZone: string): string {
  const day = formatDate(since, timeZone);
  const today = formatDate(new Date(), timeZone);
  const time = formatMinute(since, timeZone);
  return day === today ? time : `${day} ${time}`;
}
