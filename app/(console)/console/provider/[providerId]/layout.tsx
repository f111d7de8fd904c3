import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { PageHead } from "#components/layout/page-head.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { env } from "#lib/env.ts";
import { formatDateTime } from "#lib/format.ts";
import { canInProvider } from "#lib/members/permissions.ts";
import { requireProvider } from "#lib/web/access.ts";

/** Head and tabs of a provider. */
export default async function ProviderLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ providerId: string }>;
}) {
  const { providerId } = await params;
  const { user, provider, standing, role } = await requireProvider(providerId, "see_name");
  const [t, roles, common] = await Promise.all([
    getTranslations("providers"),
    getTranslations("members.roles"),
    getTranslations("common"),
  ]);
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const root = `/console/provider/${providerId}`;
  const tabs = [
    { href: `${root}/channels`, label: t("tabs.channels") },
    ...(canInProvider(standing, "manage_roles")
      ? [{ href: `${root}/roles`, label: t("tabs.roles") }]
      : []),
    ...(canInProvider(standing, "edit_provider")
      ? [{ href: `${root}/settings`, label: t("tabs.settings") }]
      : []),
    ...(canInProvider(standing, "see_audit")
      ? [{ href: `${root}/audit`, label: t("tabs.audit") }]
      : []),
  ];
  return (
    <div className="space-y-5">
      <PageHead
        crumbs={[{ label: t("title"), href: "/console" }, { label: provider.name }]}
        title={provider.name}
        badges={
          <>
            {role !== null && <Badge>{roles(role)}</Badge>}
            {role === null && standing === "operator" && <Badge>{common("operator")}</Badge>}
            {canInProvider(standing, "see_id") && (
              <Badge className="font-mono">{provider.id}</Badge>
            )}
          </>
        }
      />
      {provider.disabledAt !== null && (
        <Callout tone="bad" title={t("disabled.title")}>
          <p className="text-dim">
            {t("disabled.text", { time: formatDateTime(provider.disabledAt, timeZone) })}
          </p>
        </Callout>
      )}
      <Tabs label={t("tabs.label")} tabs={tabs} />
      {children}
    </div>
  );
}
