import { useTranslations } from "next-intl";
import { momentText } from "#components/statistics/moment-text.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { isLogFiltered } from "#lib/delivery-log/filter.ts";
import type { DeliveriesView } from "./deliveries-view.ts";

/** No webhook: nothing came, a filter left nothing, or the search stopped before it found any. */
export function DeliveriesEmpty({
  view: { filter, timeZone },
  searchedTo,
}: {
  view: DeliveriesView;
  searchedTo: Date | null;
}) {
  const t = useTranslations("deliveries.table");
  const text =
    searchedTo !== null
      ? t("emptySearched", { time: momentText(searchedTo, timeZone) })
      : t(isLogFiltered(filter) ? "emptyFiltered" : "emptyText");
  return <EmptyState title={t("empty")} text={text} />;
}
