import { useTranslations } from "next-intl";
import { FilterChips } from "#components/statistics/filter-chips.tsx";
import { momentText } from "#components/statistics/moment-text.ts";
import { deliveriesHref, type LogFilter, noLogFilters } from "#lib/delivery-log/filter.ts";
import type { DeliveriesView } from "./deliveries-view.ts";

export function LogFilterChips({
  view: { channelId, filter, timeZone },
}: {
  view: DeliveriesView;
}) {
  const t = useTranslations("deliveries");
  const { states, eventType, eventId, webhookId, doubtful, ended, job } = filter;
  const chips: { name: string; without: Partial<LogFilter> }[] = [];
  for (const state of states ?? []) {
    const left = states?.filter((one) => one !== state) ?? [];
    chips.push({
      name: t(`state.${state}`),
      without: { states: left.length === 0 ? null : left },
    });
  }
  if (doubtful) chips.push({ name: t("filter.doubtful"), without: { doubtful: false } });
  if (eventType !== null) chips.push({ name: eventType, without: { eventType: null } });
  if (eventId !== null) chips.push({ name: eventId, without: { eventId: null } });
  if (webhookId !== null) chips.push({ name: webhookId, without: { webhookId: null } });
  if (ended !== null) {
    const [from, to] = [ended.from, ended.to].map((at) => momentText(at, timeZone));
    chips.push({
      name: t("filter.ended", { from: from ?? "", to: to ?? "" }),
      without: { ended: null },
    });
  }
  if (job !== null)
    chips.push({ name: t(`jobs.part.${job.came ?? "all"}`), without: { job: null } });
  return (
    <FilterChips
      page="deliveries"
      chips={chips.map(({ name, without }) => ({
        name,
        href: deliveriesHref(channelId, filter, without),
      }))}
      clearHref={deliveriesHref(channelId, filter, noLogFilters)}
    />
  );
}
