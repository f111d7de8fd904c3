"use client";

import { RotateCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { toast } from "#components/ui/toast.ts";
import { useFollowedAction } from "#components/ui/use-followed-action.ts";
import type { FormAction } from "#lib/form-state.ts";

/** Redelivers one webhook and says what became of that, also when the page has taken the button away by then. */
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
  const [state, dispatch] = useFollowedAction(action, toast);
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
