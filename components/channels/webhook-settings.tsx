import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card, CardHeader } from "#components/ui/card.tsx";
import type { SwitchAnswer } from "#lib/channels/schema.ts";
import {
  type ChannelSwitch,
  channelSwitches,
  type SwitchStates,
  switchNames,
} from "#lib/channels/switches.ts";
import type { FormAction } from "#lib/form-state.ts";
import { SwitchRow } from "./switch-row.tsx";
import type { VerifyAction } from "./use-verify.ts";
import { WebhookUrl } from "./webhook-url.tsx";

type Settings = { id: string; webhookUrl: string | null } & SwitchStates;

/** What the installation's settings make of deliveries. */
export type DeliveryRules = {
  /** Plain http is taken, too. */
  allowsHttp: boolean;
  /** How often and for how long webhooks are sent again, at most. */
  redelivery: { count: number; minutes: number };
};

function redeliveryText(
  t: ReturnType<typeof useTranslations<"channels">>,
  { count, minutes }: DeliveryRules["redelivery"],
): string {
  const hours = Math.floor(minutes / 60);
  const length =
    hours === 0
      ? t("webhook.minutes", { count: minutes })
      : minutes % 60 === 0
        ? t("webhook.hours", { count: hours })
        : `${t("webhook.hours", { count: hours })} ${t("webhook.minutes", { count: minutes % 60 })}`;
  return t("webhook.webhookRedeliveryText", { count, length });
}

/** Webhook URL and the switches that govern delivery, in the order in which they are set. */
export function WebhookSettings({
  channel,
  rules,
  proof,
  certificate,
  actions,
}: {
  channel: Settings;
  rules: DeliveryRules;
  /** Stands in for the URL's form while it is to be shown first who is there. */
  proof: ReactNode;
  /** Of the bot server, below its URL. */
  certificate: ReactNode;
  actions: { updateUrl: FormAction; turnSwitch: FormAction<SwitchAnswer>; verify: VerifyAction };
}) {
  const t = useTranslations("channels");
  const noteOf = (name: ChannelSwitch) => {
    const { note } = channelSwitches[name];
    if (note === null) return {};
    const { texts, points } = note;
    return {
      note: {
        title: t(`${texts}.title`),
        text: t(`${texts}.text`),
        points: points.map((point) => t(`${texts}.${point}`)),
        action: t(`${texts}.action`),
      },
    };
  };
  return (
    <Card>
      <CardHeader title={t("webhook.title")} />
      <div className="divide-y border-t">
        <WebhookUrl
          channelId={channel.id}
          url={channel.webhookUrl}
          allowsHttp={rules.allowsHttp}
          proof={proof}
          update={actions.updateUrl}
          verify={actions.verify}
        />
        {certificate}
        {switchNames.map((name) => (
          <SwitchRow
            // A new URL makes a refusal for want of one obsolete.
            key={channelSwitches[name].sends ? `${name} ${channel.webhookUrl}` : name}
            name={name}
            isOn={channel[name]}
            text={
              name === "webhookRedelivery"
                ? redeliveryText(t, rules.redelivery)
                : t(`webhook.${name}Text`)
            }
            channelId={channel.id}
            action={actions.turnSwitch}
            {...noteOf(name)}
          />
        ))}
      </div>
    </Card>
  );
}
