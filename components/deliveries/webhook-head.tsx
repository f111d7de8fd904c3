import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { deliveriesHref, type LogFilter } from "#lib/delivery-log/filter.ts";
import type { WebhookDetail } from "#lib/delivery-log/schema.ts";
import { KeepFresh } from "./keep-fresh.tsx";

/** The webhook's id, the way back to the list, and what can be done with it. While it has not ended, the page keeps up. */
export function WebhookHead({
  channelId,
  webhook,
  list,
  children,
}: {
  channelId: string;
  webhook: WebhookDetail;
  /** The list that it was opened from. */
  list: LogFilter;
  children: ReactNode;
}) {
  const t = useTranslations("deliveries.webhook");
  return (
    <div className="space-y-2">
      <Link
        href={deliveriesHref(channelId, list)}
        className="inline-flex items-center gap-1.5 text-dim hover:text-ink"
      >
        <ArrowLeft aria-hidden className="size-4" />
        {t("back")}
      </Link>
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

/** Something is about to happen: it is being sent, or due within seconds. */
function isSoon({ state, dueAt }: WebhookDetail): boolean {
  return state === "sending" || (dueAt !== null && dueAt.getTime() - Date.now() < 10_000);
}
