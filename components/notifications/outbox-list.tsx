import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { Paging } from "#components/ui/paging.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { NotUnderstood } from "#lib/not-understood.ts";
import { type OutboxSearch, outboxHref } from "#lib/notifications/outbox-search.ts";
import type { MailEntry } from "#lib/notifications/schema.ts";
import { mailStates } from "#lib/outbox/schema.ts";
import { SendAllAgain, ServerTest } from "./outbox-actions.tsx";
import { OutboxTable } from "./outbox-table.tsx";

export type OutboxActions = { again: FormAction; test: FormAction };

/** One page of the outbox. `keeps`: there is no mail server, so mails are kept. */
export function OutboxList({
  search,
  notUnderstood,
  page,
  timeZone,
  keeps,
  againCount,
  actions,
}: {
  search: OutboxSearch;
  /** What the address asked beyond that. */
  notUnderstood: readonly NotUnderstood[];
  page: { mails: readonly MailEntry[]; older: string | null };
  timeZone: string;
  keeps: boolean;
  /** Mails that can be sent again all at once. */
  againCount: number;
  actions: OutboxActions;
}) {
  const t = useTranslations("notifications.outbox");
  const segments = [null, ...mailStates].map((state) => ({
    href: outboxHref({ state }),
    label: t(`states.${state ?? "all"}`),
    current: search.state === state,
  }));
  return (
    <div className="space-y-4">
      <NotUnderstoodCallout parts={notUnderstood} href={outboxHref(search)} />
      {keeps && (
        <Callout title={t("kept.title")}>
          <p className="text-dim">{t("kept.text")}</p>
        </Callout>
      )}
      {againCount > 0 && !keeps && <SendAllAgain count={againCount} action={actions.again} />}
      <Card>
        <CardHeader
          title={t("title")}
          text={t("text")}
          action={<ServerTest action={actions.test} />}
        />
        <div className="px-5 pb-3">
          <Segmented label={t("states.label")} segments={segments} />
        </div>
        {page.mails.length === 0 ? (
          <EmptyState
            title={t("empty.title")}
            text={search.state === null ? t("empty.text") : t("empty.filtered")}
          />
        ) : (
          <OutboxTable mails={page.mails} timeZone={timeZone} />
        )}
      </Card>
      <Paging
        label={t("paging")}
        start={
          search.before === null
            ? null
            : { label: t("newest"), href: outboxHref({ state: search.state }) }
        }
        onward={
          page.older === null
            ? null
            : {
                label: t("older"),
                href: outboxHref({ state: search.state, before: page.older }),
              }
        }
      />
    </div>
  );
}
