"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** Redelivers what is selected in the list, and says what became of it. */
export function RedeliverSelected({
  channelId,
  chosen,
  action,
  onDone,
}: {
  channelId: string;
  chosen: readonly string[];
  action: FormAction;
  onDone: () => void;
}) {
  const t = useTranslations("deliveries.redeliver");
  const [state, dispatch] = useActionState<Awaited<ReturnType<FormAction>>, FormData>(
    async (previous, form) => {
      const next = await action(previous, form);
      if (next.status === "done") onDone();
      return next;
    },
    idleForm,
  );
  const none = chosen.length === 0;
  return (
    <form action={dispatch} className="flex flex-wrap items-center gap-3">
      <input type="hidden" name="channelId" value={channelId} />
      {chosen.map((id) => (
        <input key={id} type="hidden" name="webhookId" value={id} />
      ))}
      <SubmitButton
        look="quiet"
        size="sm"
        aria-disabled={none}
        onClick={(event) => none && event.preventDefault()}
      >
        {t("selected", { count: chosen.length })}
      </SubmitButton>
      <FormMessage state={state} />
    </form>
  );
}
