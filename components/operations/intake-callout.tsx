import { useFormatter, useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import type { IntakeLimits, IntakeTrouble, QueueFigures } from "#lib/intake/schema.ts";

export type IntakeCalloutProps = {
  troubles: readonly IntakeTrouble[];
  queue: QueueFigures;
  limits: IntakeLimits;
};

/** No events are taken in: why, what becomes of those that were, and what to do. */
export function IntakeCallout({ troubles, queue, limits }: IntakeCalloutProps) {
  const t = useTranslations("operations.intake");
  const format = useFormatter();
  const values = {
    count: format.number(queue.webhookCount),
    countMax: format.number(limits.queueMax),
  };
  return (
    <Callout tone="bad" role="alert" title={t("title")}>
      <ul className="list-disc pl-5">
        {troubles.map((trouble) => (
          <li key={trouble}>{t(trouble, values)}</li>
        ))}
      </ul>
      <p>{t("then")}</p>
    </Callout>
  );
}
