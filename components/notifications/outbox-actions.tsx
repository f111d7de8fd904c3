"use client";

import { useTranslations } from "next-intl";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { toast } from "#components/ui/toast.ts";
import type { FormAction } from "#lib/form-state.ts";

/** Sends everything again that failed for a reason that may be over. */
export function SendAllAgain({ count, action }: { count: number; action: FormAction }) {
  const t = useTranslations("operations.mails");
  return (
    <Callout title={t("again.title", { count })}>
      <p className="mb-2 text-dim">{t("again.text")}</p>
      <div className="flex">
        <ActionButton action={action} fields={{}} onDone={toast}>
          {t("again.action", { count })}
        </ActionButton>
      </div>
    </Callout>
  );
}

/** Sends one mail again. */
export function SendOneAgain({ mailId, action }: { mailId: string; action: FormAction }) {
  const t = useTranslations("operations.mails");
  return (
    <ActionButton action={action} fields={{ mailId }} onDone={toast}>
      {t("sendAgain")}
    </ActionButton>
  );
}

/** Sends a mail to the operator who asks, by the way that every mail takes. */
export function ServerTest({ action }: { action: FormAction }) {
  const t = useTranslations("operations.mails");
  return (
    <ActionButton action={action} fields={{}} onDone={toast}>
      {t("test")}
    </ActionButton>
  );
}
