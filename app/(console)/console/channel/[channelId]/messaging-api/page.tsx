import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { WebhookSettings } from "#components/channels/webhook-settings.tsx";
import { requireChannel } from "#lib/web/access.ts";
import { turnSwitch, updateUrl, verify } from "./actions.ts";

type Props = { params: Promise<{ channelId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "manage_messaging_api");
  const t = await getTranslations("channels.tabs");
  return { title: `${t("messagingApi")} · ${channel.name}` };
}

export default async function MessagingApiPage({ params }: Props) {
  const { channel } = await requireChannel((await params).channelId, "manage_messaging_api");
  const { id, webhookUrl, useWebhook, webhookRedelivery, errorStatisticsAggregation } = channel;
  return (
    <WebhookSettings
      channel={{ id, webhookUrl, useWebhook, webhookRedelivery, errorStatisticsAggregation }}
      actions={{ updateUrl, turnSwitch, verify }}
    />
  );
}
