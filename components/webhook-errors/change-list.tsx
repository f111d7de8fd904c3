"use client";

import { useTranslations } from "next-intl";
import { formatDateTime } from "#lib/format.ts";
import type { ChannelChange } from "#lib/webhook-errors/schema.ts";

/** What the marks in the chart stand for; folded, reached by keyboard, and without a script. */
export function ChangeList({
  changes,
  isCut,
  timeZone,
}: {
  changes: readonly ChannelChange[];
  isCut: boolean;
  timeZone: string;
}) {
  const t = useTranslations("webhook-errors.changes");
  if (changes.length === 0) return null;
  return (
    <details className="mt-1 text-sm">
      <summary className="w-fit cursor-pointer text-dim hover:text-ink">
        <span aria-hidden>⚑ </span>
        {t(isCut ? "countCut" : "count", { count: changes.length })}
      </summary>
      <ul className="mt-1.5 grid gap-1">
        {changes.map((change) => (
          <li key={change.id} className="flex flex-wrap gap-x-3">
            <span className="font-mono text-dim tabular-nums">
              {formatDateTime(change.at, timeZone)}
            </span>
            <ChangeText change={change} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What, and by whom where that may be seen. */
export function ChangeText({ change }: { change: ChannelChange }) {
  const t = useTranslations("webhook-errors.changes");
  const what = useWhat(change);
  return (
    <span className="min-w-0 wrap-anywhere">
      {what}
      {change.by !== null && change.by !== "" && <span className="text-dim"> · {change.by}</span>}
      {change.action === "webhook_url_set" && change.url !== null && (
        <span className="block font-mono text-xs text-dim">{t("to", { url: change.url })}</span>
      )}
    </span>
  );
}

function useWhat(change: ChannelChange): string {
  const actions = useTranslations("audit.actions");
  const t = useTranslations("webhook-errors.changes");
  const switches = useTranslations("channels.webhook");
  if (change.action === "secret_overlap_over") return t("overlapOver");
  if (change.action !== "switch_turned") return actions(change.action);
  return t(change.isOn ? "on" : "off", { name: switches(change.name) });
}
