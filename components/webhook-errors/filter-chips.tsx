import { X } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ErrorFilter, errorsHref, formatStatus } from "#lib/webhook-errors/filter.ts";
import type { ErrorsView } from "./errors-chart.tsx";

/** The filters in force, each with a way to take it away. */
export function FilterChips({ view: { channelId, filter } }: { view: ErrorsView }) {
  const t = useTranslations("webhook-errors");
  const chips: { name: string; without: Partial<ErrorFilter> }[] = [];
  if (filter.reason !== null) {
    chips.push({ name: t(`reason.${filter.reason}`), without: { reason: null } });
  }
  if (filter.detail !== null) chips.push({ name: filter.detail, without: { detail: null } });
  if (filter.status !== null) {
    chips.push({ name: formatStatus(filter.status), without: { status: null } });
  }
  if (filter.attempt !== null) {
    chips.push({ name: t(`filter.${filter.attempt}`), without: { attempt: null } });
  }
  if (chips.length === 0) return null;
  const clear = { reason: null, detail: null, status: null, attempt: null };
  return (
    <ul className="flex flex-wrap items-center gap-2">
      {chips.map((chip) => (
        <li key={chip.name}>
          <Link
            href={errorsHref(channelId, filter, chip.without)}
            scroll={false}
            prefetch={false}
            aria-label={t("filter.remove", { name: chip.name })}
            className="inline-flex min-h-7 items-center gap-1.5 rounded-full border bg-surface px-2.5 text-sm hover:border-edge"
          >
            {chip.name}
            <X aria-hidden className="size-3.5 text-dim" />
          </Link>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <Link
            href={errorsHref(channelId, filter, clear)}
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
