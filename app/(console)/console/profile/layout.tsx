import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { PageHead } from "#components/layout/page-head.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { requireUser } from "#lib/web/session.ts";

/** Head and tabs of a person's own account. */
export default async function ProfileLayout({ children }: { children: ReactNode }) {
  await requireUser();
  const [t, common] = await Promise.all([
    getTranslations("accounts.profile"),
    getTranslations("common"),
  ]);
  const root = "/console/profile";
  return (
    <div className="space-y-5">
      <PageHead
        crumbs={[{ label: common("console"), href: "/console" }, { label: t("title") }]}
        title={t("title")}
      />
      <Tabs
        label={t("tabs.label")}
        tabs={[
          { href: `${root}/basics`, label: t("tabs.basics") },
          { href: `${root}/security`, label: t("tabs.security") },
        ]}
      />
      {children}
    </div>
  );
}
