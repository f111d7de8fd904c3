import { useTranslations } from "next-intl";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { harmlessText } from "#lib/webhook-errors/harmless-text.ts";
import { ByteBox } from "./byte-box.tsx";

/** What was sent, with line breaks for people. */
export function WebhookBody({ body }: { body: string }) {
  const t = useTranslations("deliveries.webhook");
  return (
    <Card>
      <CardHeader title={t("body")} text={t("bodyNote")} />
      <CardBody>
        <ByteBox label={t("body")}>{harmlessText(pretty(body))}</ByteBox>
      </CardBody>
    </Card>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
