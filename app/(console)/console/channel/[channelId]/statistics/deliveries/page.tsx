import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { DeliveriesSkeleton } from "#components/deliveries/deliveries-skeleton.tsx";
import { InParts } from "#components/ui/in-parts.tsx";
import { parseLogFilter } from "#lib/delivery-log/parse-filter.ts";
import { requireChannel } from "#lib/web/access.ts";
import { hasScript } from "#lib/web/has-script.ts";
import { DeliveriesContent } from "./deliveries-content.tsx";

type Props = {
  params: Promise<{ channelId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "see_deliveries");
  const t = await getTranslations("deliveries");
  return { title: `${t("title")} · ${channel.name}` };
}

/** The log of all webhooks of a channel. */
export default async function DeliveriesPage({ params, searchParams }: Props) {
  const { channelId } = await params;
  const access = await requireChannel(channelId, "see_deliveries");
  const isWhole = !(await hasScript());
  const filter = parseLogFilter(await searchParams);
  return (
    <InParts isWhole={isWhole} fallback={<DeliveriesSkeleton />}>
      <DeliveriesContent access={access} filter={filter} isWhole={isWhole} />
    </InParts>
  );
}
