import { useTranslations } from "next-intl";
import { Shape } from "#components/ui/shape.tsx";
import type { Doubt } from "#lib/delivered-answers/schema.ts";

/** Beside a state: how it was answered, where that was probably not by the bot. */
export function DoubtMark({ doubt }: { doubt: Doubt }) {
  const t = useTranslations("deliveries.doubt");
  return (
    <span className="inline-flex items-baseline gap-2 text-sm text-dim">
      <Shape kind="diamond" className="text-warn" />
      {t(`${doubt}.mark`)}
    </span>
  );
}

/** What that usually means, and what to do. */
export function DoubtText({ doubt }: { doubt: Doubt }) {
  const t = useTranslations("deliveries.doubt");
  return (
    <div className="max-w-prose space-y-1">
      <p>{t(`${doubt}.cause`)}</p>
      <p>{t(`${doubt}.todo`)}</p>
      <p className="text-sm text-dim">{t("notCounted")}</p>
    </div>
  );
}
