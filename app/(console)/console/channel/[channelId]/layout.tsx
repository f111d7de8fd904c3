import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { ChannelHead } from "#components/channels/channel-head.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { countHealth, findFailingSince } from "#lib/channels/health.ts";
import { env } from "#lib/env.ts";
import { can } from "#lib/members/permissions.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";

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
  const [tabs, standing] = await Promise.all([
    tabsOf(channelId, role),
    can(role, "see_errors") ? readStanding(channelId) : null,
  ]);
  const t = await getTranslations("channels.tabs");
  return (
    <div className="space-y-5">
      <ChannelHead
        channel={{
          id: channel.id,
          name: channel.name,
          providerId: channel.providerId,
          providerName: channel.providerName,
        }}
        role={role}
        standing={standing}
        timeZone={user.timeZone ?? env().displayTimeZone}
      />
      <Tabs label={t("label")} tabs={tabs} />
      {children}
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
  const roles = { href: `${root}/roles`, label: t("roles") };
  return [
    { href: `${root}/basics`, label: t("basics") },
    ...(can(role, "manage_messaging_api") ? [messagingApi] : []),
    ...(can(role, "see_errors") ? [statistics] : []),
    ...(can(role, "manage_roles") ? [roles] : []),
  ];
}

async function readStanding(channelId: string) {
  const { db } = database();
  const health = (await countHealth(db, [channelId])).get(channelId);
  if (health === undefined) return null;
  const failingSince = health.state === "failing" ? await findFailingSince(db, channelId) : null;
  return { state: health.state, failingSince };
}
