import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { InParts } from "#components/ui/in-parts.tsx";
import { AggregationOff } from "#components/webhook-errors/aggregation-off.tsx";
import { ErrorsSkeleton } from "#components/webhook-errors/errors-skeleton.tsx";
import { env } from "#lib/env.ts";
import { can } from "#lib/members/permissions.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { hasScript } from "#lib/web/has-script.ts";
import { findCounting } from "#lib/webhook-errors/find-counting.ts";
import { parseErrorFilter } from "#lib/webhook-errors/parse-filter.ts";
import { ErrorsContent } from "./errors-content.tsx";

type Props = {
  params: Promise<{ channelId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "see_errors");
  const t = await getTranslations("webhook-errors");
  return { title: `${t("title")} · ${channel.name}` };
}

/** Who asks is settled before anything streams: a loading.tsx above would answer 200 to those who get "not found". */
export default async function ErrorsPage({ params, searchParams }: Props) {
  const { channelId } = await params;
  const { user, channel, role } = await requireChannel(channelId, "see_errors");
  const canSwitch = can(role, "manage_messaging_api");
  const counting = await findCounting(database().db, channelId);
  if (counting.state === "never") {
    return (
      <AggregationOff channelId={channelId} useWebhook={channel.useWebhook} canSwitch={canSwitch} />
    );
  }
  const isWhole = !(await hasScript());
  const filter = parseErrorFilter(await searchParams);
  const ownZone = canonicalZone(user.timeZone ?? env().displayTimeZone) ?? "UTC";
  return (
    <InParts isWhole={isWhole} fallback={<ErrorsSkeleton />}>
      <ErrorsContent
        userId={user.id}
        view={{ channelId, filter, timeZone: filter.zone ?? ownZone }}
        ownZone={ownZone}
        canVerify={canSwitch}
        notCountedSince={counting.state === "off" ? counting.since : null}
        seesLog={can(role, "see_audit")}
        canManageMails={can(role, "manage_notifications")}
        isWhole={isWhole}
      />
    </InParts>
  );
}
