import { useTranslations } from "next-intl";
import { EmptyState } from "#components/ui/empty-state.tsx";

/** No row: because all went well, nothing was sent, a filter left nothing, or nothing was counted. */
export function ErrorsEmpty({
  why,
  gaps,
}: {
  why: "healthy" | "quiet" | "filtered";
  gaps: boolean;
}) {
  const t = useTranslations("webhook-errors.table");
  const texts = { healthy: t("emptyText"), quiet: t("emptyQuiet"), filtered: t("emptyFiltered") };
  return (
    <EmptyState
      title={t("empty")}
      text={
        <>
          {texts[why]}
          {gaps && ` ${t("emptyNotCounted")}`}
        </>
      }
    />
  );
}
