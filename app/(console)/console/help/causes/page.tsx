import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { CauseList } from "#components/causes/cause-list.tsx";
import { PageHead } from "#components/layout/page-head.tsx";
import { requireUser } from "#lib/web/session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("causes.labels.help");
  return { title: t("title") };
}

/** Where the advice of errors, mails and Verify leads to. */
export default async function CausesPage() {
  await requireUser();
  const [t, common] = await Promise.all([
    getTranslations("causes.labels.help"),
    getTranslations("common"),
  ]);
  return (
    <div className="space-y-6">
      <PageHead
        crumbs={[{ label: common("console"), href: "/console" }, { label: t("title") }]}
        title={t("title")}
        text={t("lead")}
      />
      <CauseList />
    </div>
  );
}
