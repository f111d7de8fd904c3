import Link from "next/link";
import { useTranslations } from "next-intl";
import { buttonClass } from "#components/ui/button.tsx";
import { deliveriesHref } from "#lib/delivery-log/filter.ts";
import type { LogPageStart } from "#lib/delivery-log/list.ts";
import type { LogPage } from "#lib/delivery-log/schema.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { momentText } from "./moment-text.ts";

/** Pages by keyset have neighbours, no numbers. Where the search stopped before the page was full, it says so. */
export function LogPages({
  page,
  view: { channelId, filter, timeZone },
}: {
  page: LogPage;
  view: DeliveriesView;
}) {
  const t = useTranslations("deliveries.table");
  const { previous, next, searchedTo } = page;
  if (previous === null && next === null) return null;
  const link = (label: string, start: LogPageStart | null, rel?: "prev" | "next") => (
    <Link
      rel={rel}
      href={deliveriesHref(channelId, filter, { page: start })}
      scroll={false}
      prefetch={false}
      className={buttonClass({ look: rel === undefined ? "ghost" : "quiet", size: "sm" })}
    >
      {label}
    </Link>
  );
  return (
    <nav aria-label={t("pages")} className="ml-auto flex flex-wrap items-center gap-2">
      {searchedTo !== null && (
        <span className="text-sm text-dim">
          {t("searchedTo", { time: momentText(searchedTo, timeZone) })}
        </span>
      )}
      {previous !== null && link(t("first"), null)}
      {previous !== null && link(t("previous"), { direction: "before", id: previous }, "prev")}
      {next !== null &&
        link(
          t(searchedTo === null ? "next" : "searchOn"),
          { direction: "after", id: next },
          "next",
        )}
    </nav>
  );
}
