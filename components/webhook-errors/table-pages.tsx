import { useTranslations } from "next-intl";
import { NeighbourPages } from "#components/statistics/neighbour-pages.tsx";
import { errorsHref, type PageStart } from "#lib/webhook-errors/filter.ts";
import type { ErrorsView } from "./errors-view.ts";

type TablePagesProps = {
  page: { previous: PageStart | null; next: PageStart | null };
  view: ErrorsView;
};

export function TablePages({ page, view: { channelId, filter } }: TablePagesProps) {
  const t = useTranslations("webhook-errors.table");
  const at = (label: string, start: PageStart | null) => ({
    label,
    href: errorsHref(channelId, filter, { page: start }),
  });
  return (
    <NeighbourPages
      label={t("pages")}
      first={at(t("first"), null)}
      previous={page.previous && at(t("previous"), page.previous)}
      next={page.next && at(t("next"), page.next)}
    />
  );
}
