import { useTranslations } from "next-intl";
import { ByteBox } from "#components/answers/byte-box.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { layOut } from "#lib/json-text/lay-out.ts";
import { harmlessText } from "#lib/webhook-errors/harmless-text.ts";

/** Blanks before deep lines can make a text many times as long; it is then shown without line breaks. */
const shownLengthMax = 1_048_576;

/** What was sent, with line breaks for people: its numbers and escapes as they were written. */
export function WebhookBody({ body }: { body: string }) {
  const t = useTranslations("deliveries.webhook");
  return (
    <Card>
      <CardHeader title={t("body")} text={t("bodyNote")} />
      <CardBody>
        <ByteBox label={t("body")}>{harmlessText(layOut(body, shownLengthMax))}</ByteBox>
      </CardBody>
    </Card>
  );
}
