import { useTranslations } from "next-intl";
import { ByteBox } from "#components/answers/byte-box.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { harmlessText } from "#lib/answers/harmless-text.ts";
import { layOut } from "#lib/json-text/lay-out.ts";
import { cutText, pageBudget } from "#lib/page-budget.ts";

/**
 * What was sent, with line breaks for people: its numbers and escapes as they were written. Without line breaks where blanks
 * before deep lines would make it many times as long, and cut where it is longer than a page carries. Copied, it is what was sent,
 * so that a signature over it is right.
 */
export function WebhookBody({ body }: { body: string }) {
  const t = useTranslations("deliveries.webhook");
  const { text, missingCount } = cutText(
    harmlessText(layOut(body, pageBudget.body)),
    pageBudget.body,
  );
  return (
    <Card>
      <CardHeader title={t("body")} text={t("bodyNote")} />
      <CardBody>
        <ByteBox
          label={t("body")}
          copies={body.length <= pageBudget.copiedBody ? { text: body } : null}
        >
          {text}
        </ByteBox>
        {missingCount > 0 && (
          <p className="mt-1 text-sm text-dim">{t("cut", { count: missingCount })}</p>
        )}
      </CardBody>
    </Card>
  );
}
