import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { RolesTab } from "#components/members/roles-tab.tsx";
import { env } from "#lib/env.ts";
import { listInvitations } from "#lib/invitations/queries.ts";
import { listImportable } from "#lib/members/import-members.ts";
import { findRole } from "#lib/members/place.ts";
import { listMembers } from "#lib/members/queries.ts";
import { searchText } from "#lib/members/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { cancel, change, importFromProvider, invite, remove, sendAgain } from "./actions.ts";

type Props = {
  params: Promise<{ channelId: string }>;
  searchParams: Promise<{ q?: string | string[] }>;
};

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "manage_roles");
  const t = await getTranslations("members");
  return { title: `${t("title")} · ${channel.name}` };
}

export default async function ChannelRolesPage({ params, searchParams }: Props) {
  const { user, channel } = await requireChannel((await params).channelId, "manage_roles");
  const { db } = database();
  const place = { kind: "channel", id: channel.id } as const;
  const search = searchText((await searchParams).q);
  const provider = { kind: "provider", id: channel.providerId } as const;
  const [members, invitations, ownRole] = await Promise.all([
    listMembers(db, place, search),
    listInvitations(db, place),
    findRole(db, provider, user.id),
  ]);
  // Only who is Admin of both learns who is in the provider.
  const importable = ownRole === "admin" ? await listImportable(db, channel) : null;
  return (
    <RolesTab
      place={place}
      members={members}
      search={search}
      ownId={user.id}
      invitations={invitations}
      timeZone={user.timeZone ?? env().displayTimeZone}
      importable={importable}
      proof={await proofOfPerson(user.id, `/console/channel/${channel.id}/roles`)}
      actions={{ cancel, change, importFromProvider, invite, remove, sendAgain }}
    />
  );
}
