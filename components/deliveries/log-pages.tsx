import { useTranslations } from "next-intl";
import { momentText } from "#components/statistics/moment-text.ts";
import { NeighbourPages } from "#components/statistics/neighbour-pages.tsx";
import { deliveriesHref } from "#lib/delivery-log/filter.ts";
import type { LogPageStart } from "#lib/delivery-log/list.ts";
import type { LogPage } from "#lib/delivery-log/schema.ts";
import type { DeliveriesView } from "./deliveries-view.ts";

/** Where the search stopped before the page was full, it says so. */
export function LogPages({
  page: { previous, next, searchedTo },
  view: { channelId, filter, timeZone },
}: {
  page: LogPage;
  view: DeliveriesView;
}) {
  const t = useTranslations("deliveries.table");
  const at = (label: string, start: LogPageStart | null) => ({
    label,
    href: deliveriesHref(channelId, filter, { page: start }),
  });
  const onward = t(searchedTo === null ? "next" : "searchOn");
  return (
    <NeighbourPages
      label={t("pages")}
      className="ml-auto flex-wrap"
      first={at(t("first"), null)}
      previous={previous === null ? null : at(t("previous"), { direction: "before", id: previous })}
      next={next === null ? null : at(onward, { direction: "after", id: next })}
    >
      {searchedTo !== null && (
        <span className="text-sm text-dim">
          {t("searchedTo", { time: momentText(searchedTo, timeZone) })}
        </span>
      )}
    </NeighbourPages>
  );
}
