import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ProviderForm } from "#components/providers/provider-form.tsx";
import { DeleteForm } from "#components/ui/delete-form.tsx";
import { requireProvider } from "#lib/web/access.ts";
import { remove, rename } from "./actions.ts";

type Props = { params: Promise<{ providerId: string }> };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("providers.tabs");
  return { title: t("settings") };
}

export default async function ProviderSettingsPage({ params }: Props) {
  const { provider } = await requireProvider((await params).providerId, "edit_provider");
  const t = await getTranslations("providers.settings");
  return (
    <div className="grid grid-cols-1 gap-5">
      <ProviderForm
        kind="rename"
        action={rename}
        provider={{ id: provider.id, name: provider.name, version: provider.version }}
      />
      <DeleteForm
        action={remove}
        field={{ name: "providerId", value: provider.id }}
        texts={{
          title: t("deleteTitle"),
          text: t("deleteText"),
          action: t("deleteAction"),
          confirm: t("deleteConfirm", { name: provider.name }),
        }}
      />
    </div>
  );
}
