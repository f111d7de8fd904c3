import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { StatisticsNav } from "#components/statistics/statistics-nav.tsx";
import { can } from "#lib/members/permissions.ts";
import { requireChannel } from "#lib/web/access.ts";

/** Asks for the right before anything is streamed, so that a refusal is answered with 404 and not inside a page. */
export default async function StatisticsLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ channelId: string }>;
}) {
  const { channelId } = await params;
  const { role } = await requireChannel(channelId, "see_errors");
  const t = await getTranslations("deliveries.nav");
  const root = `/console/channel/${channelId}/statistics`;
  return (
    <div className="space-y-4">
      {can(role, "see_deliveries") && (
        <StatisticsNav
          label={t("label")}
          entries={[
            { href: `${root}/errors`, label: t("errors") },
            { href: `${root}/deliveries`, label: t("deliveries") },
          ]}
        />
      )}
      {children}
    </div>
  );
}
