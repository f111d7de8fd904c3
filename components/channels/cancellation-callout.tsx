import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Callout } from "#components/ui/callout.tsx";
import type { CancellationProgress } from "#lib/cancellations/schema.ts";

/** How far the ending of what waited for a channel has come. `live` keeps a page up to date that is not live by itself. */
export function CancellationCallout({
  progress,
  live,
}: {
  progress: CancellationProgress;
  live?: ReactNode;
}) {
  const t = useTranslations("channels.cancellation");
  const { endedCount, expectedCount } = progress;
  return (
    <Callout tone="warn" title={t("title")}>
      <div className="flex flex-wrap items-center gap-x-3">
        <p className="tabular-nums">{t("text", { ended: endedCount, total: expectedCount })}</p>
        {live}
      </div>
    </Callout>
  );
}
