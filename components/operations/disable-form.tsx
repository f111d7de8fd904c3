"use client";

import { useTranslations } from "next-intl";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { toast } from "#components/ui/toast.ts";
import type { FormAction } from "#lib/form-state.ts";
import { waitingCountMax } from "#lib/operations/schema.ts";

/** Disables or enables an account, a provider or a channel, after saying what that means. */
export function DisableForm({
  kind,
  name,
  field,
  isDisabled,
  waitingCount = 0,
  action,
}: {
  kind: "users" | "providers" | "channels";
  name: string;
  field: { name: string; value: string };
  isDisabled: boolean;
  /** Webhooks that are cancelled with it. */
  waitingCount?: number;
  action: FormAction;
}) {
  const t = useTranslations("operations");
  const common = useTranslations("common");
  const count = Math.min(waitingCount, waitingCountMax);
  const isMore = waitingCount > waitingCountMax;
  const cancels =
    count === 0 ? "" : ` ${t(isMore ? "lists.cancelsMore" : "lists.cancels", { count })}`;
  const verb = t(isDisabled ? "lists.enable" : "lists.disable");
  return (
    <ConfirmForm
      action={action}
      fields={{ [field.name]: field.value, disabled: String(!isDisabled) }}
      texts={{
        trigger: verb,
        title: t(isDisabled ? "lists.enableTitle" : "lists.disableTitle", { name }),
        text: isDisabled ? t(`${kind}.enableText`) : `${t(`${kind}.disableText`)}${cancels}`,
        action: verb,
        cancel: common("cancel"),
      }}
      label={t(isDisabled ? "lists.enableWhat" : "lists.disableWhat", { name })}
      onDone={toast}
    />
  );
}
