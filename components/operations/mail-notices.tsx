"use client";

import { useTranslations } from "next-intl";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import type { MailNotice, MailSettings } from "#lib/outbox/schema.ts";

const isDismissible = (kind: MailNotice["kind"]): boolean =>
  kind === "sender" || kind === "many_refused";

/** What stands in the way of mails: what is wrong, what the server said, and which setting mends it. */
export function MailNotices({
  notices,
  settings,
  timeZone,
  dismiss,
}: {
  notices: readonly MailNotice[];
  settings: MailSettings;
  timeZone: string;
  dismiss: FormAction;
}) {
  const t = useTranslations("operations.mails");
  return notices.map(({ kind, since, answer }) => (
    <Callout key={kind} tone="bad" role="alert" title={t(`notices.${kind}.title`, settings)}>
      <p>{t(`notices.${kind}.text`, settings)}</p>
      <p className="mt-1 font-mono text-sm wrap-anywhere text-dim">
        {formatDateTime(since, timeZone)} {answer}
      </p>
      {isDismissible(kind) && (
        <div className="mt-2 flex">
          <ActionButton action={dismiss} fields={{ kind }}>
            {t("dismiss")}
          </ActionButton>
        </div>
      )}
    </Callout>
  ));
}
