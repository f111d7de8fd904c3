import { useTranslations } from "next-intl";
import { FilterChips } from "#components/statistics/filter-chips.tsx";
import { momentText } from "#components/statistics/moment-text.ts";
import { deliveriesHref, type LogFilter, noLogFilters } from "#lib/delivery-log/filter.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { useOutcomeTexts } from "./outcome-texts.ts";

export function LogFilterChips({
  view: { channelId, filter, timeZone, causeNames },
}: {
  view: DeliveriesView;
}) {
  const t = useTranslations("deliveries");
  const { states, eventType, eventId, webhookId, doubtful, ended, job, sourceId } = filter;
  const outcome = useOutcomeTexts(filter.outcome, causeNames);
  const chips: { name: string; without: Partial<LogFilter> }[] = [];
  for (const state of states ?? []) {
    const left = states?.filter((one) => one !== state) ?? [];
    chips.push({
      name: t(`state.${state}`),
      without: { states: left.length === 0 ? null : left },
    });
  }
  if (doubtful) chips.push({ name: t("filter.doubtful"), without: { doubtful: false } });
  const texts = { eventType, eventId, webhookId, sourceId };
  for (const [key, name] of Object.entries(texts)) {
    if (name !== null) chips.push({ name, without: { [key]: null } });
  }
  if (ended !== null) {
    const [from, to] = [ended.from, ended.to].map((at) => momentText(at, timeZone));
    chips.push({
      name: t("filter.ended", { from: from ?? "", to: to ?? "" }),
      without: { ended: null },
    });
  }
  for (const { name, without } of outcome) {
    chips.push({ name, without: { outcome: { ...filter.outcome, ...without } } });
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
