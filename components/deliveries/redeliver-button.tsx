"use client";

import { RotateCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** Redelivers one webhook and says what became of that. */
export function RedeliverButton({
  channelId,
  webhookId,
  action,
}: {
  channelId: string;
  webhookId: string;
  action: FormAction;
}) {
  const t = useTranslations("deliveries.redeliver");
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch} className="flex flex-wrap items-center gap-3">
      <input type="hidden" name="channelId" value={channelId} />
      <input type="hidden" name="webhookId" value={webhookId} />
      <SubmitButton>
        <RotateCw aria-hidden />
        {t("one")}
      </SubmitButton>
      <FormMessage state={state} />
    </form>
  );
}
