import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { DeleteProvider } from "#components/providers/delete-provider.tsx";
import { ProviderForm } from "#components/providers/provider-form.tsx";
import { countContents } from "#lib/providers/count-contents.ts";
import { requireProvider } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { remove, rename } from "./actions.ts";

type Props = { params: Promise<{ providerId: string }> };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("providers.tabs");
  return { title: t("settings") };
}

export default async function ProviderSettingsPage({ params }: Props) {
  const { provider } = await requireProvider((await params).providerId, "edit_provider");
  return (
    <div className="grid grid-cols-1 gap-5">
      <ProviderForm
        kind="rename"
        action={rename}
        provider={{ id: provider.id, name: provider.name, version: provider.version }}
      />
      <DeleteProvider
        provider={{ id: provider.id, name: provider.name }}
        contents={await countContents(database().db, provider.id)}
        action={remove}
      />
    </div>
  );
}
