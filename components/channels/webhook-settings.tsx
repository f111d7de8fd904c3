import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card, CardHeader } from "#components/ui/card.tsx";
import type { ChannelSwitch } from "#lib/channels/schema.ts";
import type { FormAction } from "#lib/form-state.ts";
import { SwitchRow } from "./switch-row.tsx";
import type { VerifyAction } from "./use-verify.ts";
import { WebhookUrl } from "./webhook-url.tsx";

type Settings = { id: string; webhookUrl: string | null } & Record<ChannelSwitch, boolean>;

/** Webhook URL and the three switches that govern delivery, in the order in which they are set. */
export function WebhookSettings({
  channel,
  proof,
  actions,
}: {
  channel: Settings;
  /** Stands in for the URL's form while it is to be shown first who is there. */
  proof: ReactNode;
  actions: { updateUrl: FormAction; turnSwitch: FormAction; verify: VerifyAction };
}) {
  const t = useTranslations("channels");
  const note = {
    title: t("redeliveryNote.title"),
    text: t("redeliveryNote.text"),
    points: (["duplicates", "order", "late", "load"] as const).map((point) =>
      t(`redeliveryNote.${point}`),
    ),
    action: t("redeliveryNote.action"),
  };
  const row = (name: ChannelSwitch) => ({
    name,
    isOn: channel[name],
    channelId: channel.id,
    action: actions.turnSwitch,
  });
  return (
    <Card>
      <CardHeader title={t("webhook.title")} />
      <div className="divide-y border-t">
        <WebhookUrl
          channelId={channel.id}
          url={channel.webhookUrl}
          proof={proof}
          update={actions.updateUrl}
          verify={actions.verify}
        />
        {/* A new URL makes a refusal for want of one obsolete. */}
        <SwitchRow key={channel.webhookUrl} {...row("useWebhook")} />
        <SwitchRow {...row("webhookRedelivery")} note={note} />
        <SwitchRow {...row("errorStatisticsAggregation")} />
      </div>
    </Card>
  );
}
