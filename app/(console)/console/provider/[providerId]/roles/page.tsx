import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RolesTab } from "#components/members/roles-tab.tsx";
import { listMembers } from "#lib/members/queries.ts";
import { requireProvider } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { add, change, remove } from "./actions.ts";

type Props = { params: Promise<{ providerId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { provider } = await requireProvider((await params).providerId, "manage_roles");
  const t = await getTranslations("members");
  return { title: `${t("title")} · ${provider.name}` };
}

export default async function ProviderRolesPage({ params }: Props) {
  const { user, provider } = await requireProvider((await params).providerId, "manage_roles");
  const members = await listMembers(database().db, { kind: "provider", id: provider.id });
  return (
    <RolesTab
      place={{ kind: "provider", id: provider.id }}
      members={members}
      ownId={user.id}
      actions={{ add, change, remove }}
    />
  );
}
