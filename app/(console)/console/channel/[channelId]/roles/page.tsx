import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RolesTab } from "#components/members/roles-tab.tsx";
import { listMembers } from "#lib/members/queries.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { add, change, remove } from "./actions.ts";

type Props = { params: Promise<{ channelId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "manage_roles");
  const t = await getTranslations("members");
  return { title: `${t("title")} · ${channel.name}` };
}

export default async function ChannelRolesPage({ params }: Props) {
  const { user, channel } = await requireChannel((await params).channelId, "manage_roles");
  const members = await listMembers(database().db, { kind: "channel", id: channel.id });
  return (
    <RolesTab
      place={{ kind: "channel", id: channel.id }}
      members={members}
      ownId={user.id}
      actions={{ add, change, remove }}
    />
  );
}
