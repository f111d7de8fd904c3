import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Link } from "#components/ui/link.tsx";

/** Stands in place of the page while nothing is counted: how to switch it on, and the way there for those who may. */
export function AggregationOff({
  channelId,
  useWebhook,
  canSwitch,
}: {
  channelId: string;
  useWebhook: boolean;
  canSwitch: boolean;
}) {
  const t = useTranslations("webhook-errors.off");
  return (
    <Card className="px-5 py-10 text-center">
      <h2 className="text-lg font-semibold">{t("title")}</h2>
      <p className="mx-auto mt-1 max-w-lg text-dim">{t("text")}</p>
      <ol className="mx-auto mt-4 w-fit list-decimal space-y-1 pl-5 text-left">
        {!useWebhook && <li>{t("stepWebhook")}</li>}
        <li>{t("stepAggregation")}</li>
      </ol>
      <div className="mt-5">
        {canSwitch ? (
          <Button look="primary" asChild>
            <Link href={`/console/channel/${channelId}/messaging-api`}>{t("action")}</Link>
          </Button>
        ) : (
          <p className="text-sm text-dim">{t("askAdmin")}</p>
        )}
      </div>
    </Card>
  );
}
