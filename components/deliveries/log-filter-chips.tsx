import { X } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { deliveriesHref, type LogFilter, noLogFilters } from "#lib/delivery-log/filter.ts";
import type { DeliveriesView } from "./deliveries-view.ts";

/** The filters in force, each with a way to take it away. */
export function LogFilterChips({ view: { channelId, filter } }: { view: DeliveriesView }) {
  const t = useTranslations("deliveries");
  const { states, eventType, eventId, webhookId, doubtful } = filter;
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
  if (chips.length === 0) return null;
  return (
    <ul className="flex flex-wrap items-center gap-2">
      {chips.map((chip) => (
        <li key={chip.name} className="max-w-full">
          <Link
            href={deliveriesHref(channelId, filter, chip.without)}
            scroll={false}
            prefetch={false}
            aria-label={t("filter.remove", { name: chip.name })}
            className="inline-flex min-h-7 max-w-full items-center gap-1.5 rounded-full border bg-surface px-2.5 text-sm wrap-anywhere hover:border-edge"
          >
            {chip.name}
            <X aria-hidden className="size-3.5 shrink-0 text-dim" />
          </Link>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <Link
            href={deliveriesHref(channelId, filter, noLogFilters)}
            scroll={false}
            prefetch={false}
            className="text-sm text-brand hover:underline"
          >
            {t("filter.clear")}
          </Link>
        </li>
      )}
    </ul>
  );
}
