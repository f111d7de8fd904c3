import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { RolesTab } from "#components/members/roles-tab.tsx";
import { env } from "#lib/env.ts";
import { listInvitations } from "#lib/invitations/queries.ts";
import { listMembers } from "#lib/members/queries.ts";
import { searchText } from "#lib/members/schema.ts";
import { requireProvider } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { cancel, change, invite, remove, sendAgain } from "./actions.ts";

type Props = {
  params: Promise<{ providerId: string }>;
  searchParams: Promise<{ q?: string | string[] }>;
};

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const { provider } = await requireProvider((await params).providerId, "manage_roles");
  const t = await getTranslations("members");
  return { title: `${t("title")} · ${provider.name}` };
}

export default async function ProviderRolesPage({ params, searchParams }: Props) {
  const { user, provider } = await requireProvider((await params).providerId, "manage_roles");
  const { db } = database();
  const place = { kind: "provider", id: provider.id } as const;
  const search = searchText((await searchParams).q);
  const [members, invitations] = await Promise.all([
    listMembers(db, place, search),
    listInvitations(db, place),
  ]);
  return (
    <RolesTab
      place={place}
      members={members}
      search={search}
      ownId={user.id}
      invitations={invitations}
      timeZone={user.timeZone ?? env().displayTimeZone}
      importable={null}
      proof={await proofOfPerson(user.id, `/console/provider/${provider.id}/roles`)}
      actions={{ cancel, change, invite, remove, sendAgain }}
    />
  );
}
