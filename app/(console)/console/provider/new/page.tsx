import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PageHead } from "#components/layout/page-head.tsx";
import { ProviderForm } from "#components/providers/provider-form.tsx";
import { requireOperator } from "#lib/web/access.ts";
import { create } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("providers");
  return { title: t("create") };
}

export default async function NewProviderPage() {
  await requireOperator();
  const t = await getTranslations("providers");
  return (
    <div className="space-y-5">
      <PageHead
        crumbs={[{ label: t("title"), href: "/console" }, { label: t("create") }]}
        title={t("create")}
        text={t("text")}
      />
      <ProviderForm action={create} kind="create" />
    </div>
  );
}
