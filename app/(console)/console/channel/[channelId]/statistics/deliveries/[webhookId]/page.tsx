import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { redeliver } from "#app/(console)/console/channel/[channelId]/statistics/deliveries/actions.ts";
import { RedeliverButton } from "#components/deliveries/redeliver-button.tsx";
import { WebhookBody } from "#components/deliveries/webhook-body.tsx";
import { WebhookFacts } from "#components/deliveries/webhook-facts.tsx";
import { WebhookHead } from "#components/deliveries/webhook-head.tsx";
import { eventsOf } from "#lib/delivery-log/events.ts";
import { openWebhook } from "#lib/delivery-log/open-webhook.ts";
import { isWebhookId, parseLogFilter } from "#lib/delivery-log/parse-filter.ts";
import { env } from "#lib/env.ts";
import { can } from "#lib/members/permissions.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { Attempts } from "./attempts.tsx";
import { Curl } from "./curl.tsx";

type Props = {
  params: Promise<{ channelId: string; webhookId: string }>;
  searchParams: Promise<{ list?: string | string[] }>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "see_deliveries");
  const t = await getTranslations("deliveries.webhook");
  return { title: `${t("title")} · ${channel.name}` };
}

/** One webhook: how it stands, its attempts, what it carries. */
export default async function WebhookPage({ params, searchParams }: Props) {
  const { channelId, webhookId } = await params;
  // Read as a filter, whatever it says: it leads to the list of this channel and nowhere else.
  const list = String((await searchParams).list ?? "");
  const back = parseLogFilter(Object.fromEntries(new URLSearchParams(list)));
  const { user, channel, role } = await requireChannel(channelId, "see_deliveries");
  const webhook = isWebhookId(webhookId)
    ? await openWebhook(database().db, user, channel.id, webhookId)
    : null;
  if (webhook === null) notFound();
  const timeZone = canonicalZone(user.timeZone ?? env().displayTimeZone) ?? "UTC";
  const signs = can(role, "see_signatures");
  return (
    <div className="space-y-4">
      <WebhookHead channelId={channel.id} webhook={webhook} list={back}>
        {can(role, "redeliver") && webhook.finishedAt !== null && (
          <RedeliverButton channelId={channel.id} webhookId={webhook.id} action={redeliver} />
        )}
      </WebhookHead>
      <WebhookFacts webhook={webhook} events={eventsOf(webhook.body)} timeZone={timeZone} />
      <Attempts channelId={channel.id} webhook={webhook} timeZone={timeZone} signs={signs} />
      <WebhookBody body={webhook.body} />
      {signs && <Curl channel={channel} webhook={webhook} />}
    </div>
  );
}
