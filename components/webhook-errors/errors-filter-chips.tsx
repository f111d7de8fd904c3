import { useTranslations } from "next-intl";
import { FilterChips } from "#components/statistics/filter-chips.tsx";
import { type ErrorFilter, errorsHref, noFilters } from "#lib/webhook-errors/filter.ts";
import { formatStatus } from "#lib/webhook-errors/status-filter.ts";
import type { ErrorsView } from "./errors-view.ts";

export function ErrorsFilterChips({ view: { channelId, filter } }: { view: ErrorsView }) {
  const t = useTranslations("webhook-errors");
  const chips: { name: string; without: Partial<ErrorFilter> }[] = [];
  if (filter.reason !== null) {
    chips.push({ name: t(`reason.${filter.reason}`), without: { reason: null } });
  }
  if (filter.detail !== null) chips.push({ name: filter.detail, without: { detail: null } });
  if (filter.status !== null) {
    const name = filter.status === "none" ? t("filter.noStatus") : formatStatus(filter.status);
    chips.push({ name, without: { status: null } });
  }
  if (filter.attempt !== null) {
    chips.push({ name: t(`filter.${filter.attempt}`), without: { attempt: null } });
  }
  return (
    <FilterChips
      page="webhook-errors"
      chips={chips.map(({ name, without }) => ({
        name,
        href: errorsHref(channelId, filter, without),
      }))}
      clearHref={errorsHref(channelId, filter, noFilters)}
    />
  );
}
