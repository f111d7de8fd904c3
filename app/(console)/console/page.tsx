import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { PageHead } from "#components/layout/page-head.tsx";
import { ProviderList } from "#components/providers/provider-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { listProviders } from "#lib/providers/queries.ts";
import { database } from "#lib/web/database.ts";
import { requireUser } from "#lib/web/session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("providers");
  return { title: t("title") };
}

export default async function HomePage() {
  const user = await requireUser();
  const [providers, t, common] = await Promise.all([
    listProviders(database().db, user),
    getTranslations("providers"),
    getTranslations("common"),
  ]);
  const create = user.isOperator ? (
    <Button asChild look="primary">
      <Link href="/console/provider/new">
        <Plus aria-hidden />
        {t("create")}
      </Link>
    </Button>
  ) : undefined;
  return (
    <div className="space-y-5">
      <PageHead
        crumbs={[{ label: common("console") }]}
        title={t("title")}
        text={t("text")}
        action={create}
      />
      <ProviderList providers={providers} isOperator={user.isOperator} />
    </div>
  );
}
