import { useTranslations } from "next-intl";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { SetAsideWebhook } from "#lib/queue/schema.ts";
import { SetAsideTable } from "./set-aside-table.tsx";

/** Webhooks that no worker touches any more, until an operator decides. */
export function SetAside({
  webhooks,
  totalCount,
  timeZone,
  actions,
}: {
  webhooks: readonly SetAsideWebhook[];
  /** May be more than are listed. */
  totalCount: number;
  timeZone: string;
  actions: { release: FormAction; end: FormAction };
}) {
  const t = useTranslations("operations.setAside");
  return (
    <Card>
      <CardHeader title={t("title")} text={t("text")} />
      {webhooks.length === 0 ? (
        <EmptyState title={t("none.title")} text={t("none.text")} />
      ) : (
        <SetAsideTable webhooks={webhooks} timeZone={timeZone} actions={actions} />
      )}
      {totalCount > webhooks.length && (
        <p className="px-5 py-3 text-sm text-dim">
          {t("more", { shown: webhooks.length, count: totalCount })}
        </p>
      )}
    </Card>
  );
}
