import { ArrowLeft, ChevronDown, ChevronUp } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { buttonClass } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Link } from "#components/ui/link.tsx";
import { deliveriesHref, type LogFilter, webhookHref } from "#lib/delivery-log/filter.ts";
import type { Neighbours, WebhookDetail } from "#lib/delivery-log/schema.ts";
import { KeepFresh } from "./keep-fresh.tsx";

/** The webhook's id, the way back to the list, and what can be done with it. While it has not ended, the page keeps up. */
export function WebhookHead({
  channelId,
  webhook,
  list,
  neighbours,
  children,
}: {
  channelId: string;
  webhook: WebhookDetail;
  /** The list that it was opened from. */
  list: LogFilter;
  neighbours: Neighbours;
  children: ReactNode;
}) {
  const t = useTranslations("deliveries.webhook");
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <Link
          href={deliveriesHref(channelId, list)}
          className="inline-flex items-center gap-1.5 text-dim hover:text-ink"
        >
          <ArrowLeft aria-hidden className="size-4" />
          {t("back")}
        </Link>
        <NeighbourLinks channelId={channelId} list={list} {...neighbours} />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="flex min-w-0 flex-wrap items-center gap-x-2 text-lg font-semibold">
          {t("title")}{" "}
          <span className="font-mono text-base font-normal break-all">{webhook.id}</span>
          <CopyButton text={webhook.id} what={t("copyId")} />
        </h2>
        {children}
      </div>
      {webhook.finishedAt === null && <KeepFresh everyMs={isSoon(webhook) ? 2_000 : 10_000} />}
    </div>
  );
}

/** As the list stands: the newest first. */
function NeighbourLinks({
  channelId,
  list,
  newer,
  older,
}: { channelId: string; list: LogFilter } & Neighbours) {
  const t = useTranslations("deliveries.webhook");
  if (newer === null && older === null) return null;
  const look = buttonClass({ look: "ghost", size: "sm" });
  return (
    <nav aria-label={t("neighbours")} className="flex items-center gap-1">
      {newer !== null && (
        <Link
          rel="prev"
          href={webhookHref(channelId, newer, list)}
          prefetch={false}
          className={look}
        >
          <ChevronUp aria-hidden />
          {t("newer")}
        </Link>
      )}
      {older !== null && (
        <Link
          rel="next"
          href={webhookHref(channelId, older, list)}
          prefetch={false}
          className={look}
        >
          <ChevronDown aria-hidden />
          {t("older")}
        </Link>
      )}
    </nav>
  );
}

/** Something is about to happen: it is being sent, or due within seconds. */
function isSoon({ state, dueAt }: WebhookDetail): boolean {
  return state === "sending" || (dueAt !== null && dueAt.getTime() - Date.now() < 10_000);
}
