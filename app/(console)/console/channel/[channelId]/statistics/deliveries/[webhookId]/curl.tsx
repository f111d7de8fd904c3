import { getTranslations } from "next-intl/server";
import { ByteBox } from "#components/answers/byte-box.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import type { Channel } from "#lib/channels/schema.ts";
import type { WebhookDetail } from "#lib/delivery-log/schema.ts";
import { curlCommand, rebuildRequest } from "#lib/delivery-log/sent-request.ts";
import { pageBudget } from "#lib/page-budget.ts";
import { consoleTime } from "#lib/web/time.ts";
import { readSecrets } from "./read-secrets.ts";

/** A command that sends the webhook to the current URL, signed; for people who may see signatures. */
export async function Curl({ channel, webhook }: { channel: Channel; webhook: WebhookDetail }) {
  const [t, secrets] = await Promise.all([
    getTranslations("deliveries.webhook"),
    readSecrets(channel.id),
  ]);
  const { webhookUrl } = channel;
  if (webhookUrl === null) {
    return (
      <Card>
        <CardHeader title={t("curl")} text={t("curlOther")} />
      </Card>
    );
  }
  // What has been tried comes as a redelivery, as the next attempt would.
  const attempt = {
    attempt: webhook.attempts + 1,
    startedAt: await consoleTime(),
    url: webhookUrl,
  };
  const command = curlCommand(rebuildRequest(webhook, attempt, secrets));
  if (command.length > pageBudget.command) {
    return (
      <Card>
        <CardHeader title={t("curl")} text={t("curlLong")} />
      </Card>
    );
  }
  return (
    <Card>
      <CardHeader title={t("curl")} text={t("curlNote")} />
      <CardBody>
        <ByteBox label={t("curl")} copies={{ what: t("curlCopy") }}>
          {command}
        </ByteBox>
      </CardBody>
    </Card>
  );
}
