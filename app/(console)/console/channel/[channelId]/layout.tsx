import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { ChannelHead } from "#components/channels/channel-head.tsx";
import { DoubtfulCallout } from "#components/channels/doubtful-callout.tsx";
import { HealthCallout } from "#components/channels/health-callout.tsx";
import { PinForm } from "#components/channels/pin-form.tsx";
import { SlowCallout } from "#components/channels/slow-callout.tsx";
import { DrawnStanding } from "#components/live/drawn-standing.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { isPinned, noteOpened } from "#lib/channels/marks.ts";
import { env } from "#lib/env.ts";
import { formatDateTime } from "#lib/format.ts";
import { can } from "#lib/members/permissions.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { readChannelStanding, standingStamp } from "#lib/web/channel-standing.ts";
import { database } from "#lib/web/database.ts";
import { consoleTime } from "#lib/web/time.ts";
import { pin } from "./actions.ts";
import { resumeSending } from "./messaging-api/actions.ts";

/** Head and tabs of a channel. Tabs that the role does not open are not sent. */
export default async function ChannelLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ channelId: string }>;
}) {
  const { channelId } = await params;
  const { user, channel, role } = await requireChannel(channelId, "see_basics");
  const { db } = database();
  const [pinned, , tabs, standing] = await Promise.all([
    isPinned(db, user.id, channelId),
    noteOpened(db, user.id, channelId),
    tabsOf(channelId, role),
    can(role, "see_errors") ? readStanding(channelId, role) : null,
  ]);
  const t = await getTranslations("channels");
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const report = standing?.report ?? null;
  // Where it fails anyway, that is said instead.
  const slow = report === null ? (standing?.slow ?? null) : null;
  const doubtfulHour = standing?.doubtfulHour ?? null;
  return (
    <div className="space-y-5">
      <ChannelHead
        channel={{
          id: channel.id,
          name: channel.name,
          iconHash: channel.iconHash,
          providerId: channel.providerId,
          providerName: channel.providerName,
        }}
        role={role}
        pin={<PinForm channelId={channel.id} isPinned={pinned} action={pin} />}
        standing={standing}
        timeZone={timeZone}
      />
      {channel.disabledAt !== null && (
        <Callout tone="bad" title={t("disabled.title")}>
          <p className="text-dim">
            {t("disabled.text", { time: formatDateTime(channel.disabledAt, timeZone) })}
          </p>
        </Callout>
      )}
      {report !== null && (
        <HealthCallout
          report={report}
          channelId={channel.id}
          timeZone={timeZone}
          resumeSending={resumeSending}
        />
      )}
      {doubtfulHour !== null && <DoubtfulCallout hour={doubtfulHour} channelId={channel.id} />}
      {slow !== null && doubtfulHour === null && <SlowCallout slow={slow} channelId={channel.id} />}
      <Tabs label={t("tabs.label")} tabs={tabs} />
      <DrawnStanding stamp={standingStamp(standing)}>{children}</DrawnStanding>
    </div>
  );
}

async function tabsOf(channelId: string, role: ChannelRole) {
  const t = await getTranslations("channels.tabs");
  const root = `/console/channel/${channelId}`;
  const messagingApi = { href: `${root}/messaging-api`, label: t("messagingApi") };
  const statistics = {
    href: `${root}/statistics/errors`,
    under: `${root}/statistics`,
    label: t("statistics"),
  };
  const notifications = { href: `${root}/notifications`, label: t("notifications") };
  const roles = { href: `${root}/roles`, label: t("roles") };
  const audit = { href: `${root}/audit`, label: t("audit") };
  return [
    { href: `${root}/basics`, label: t("basics") },
    ...(can(role, "manage_messaging_api") ? [messagingApi] : []),
    ...(can(role, "see_errors") ? [statistics] : []),
    ...(can(role, "manage_notifications") ? [notifications] : []),
    ...(can(role, "manage_roles") ? [roles] : []),
    ...(can(role, "see_audit") ? [audit] : []),
  ];
}

async function readStanding(channelId: string, role: ChannelRole) {
  const [now, { failingPolicy: policy }] = [await consoleTime(), env()];
  return readChannelStanding(database().db, channelId, { role, now, policy });
}
