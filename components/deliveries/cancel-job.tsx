"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** Ends a running job. Nothing is lost by it, so it does not ask again. */
export function CancelJob({
  channelId,
  jobId,
  action,
  time,
}: {
  channelId: string;
  jobId: string;
  action: FormAction;
  /** Names the job among others. */
  time: string;
}) {
  const t = useTranslations("deliveries.jobs");
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch} className="flex flex-wrap items-center gap-2">
      <input type="hidden" name="channelId" value={channelId} />
      <input type="hidden" name="jobId" value={jobId} />
      <SubmitButton look="danger" size="sm" aria-label={t("cancelOf", { time })}>
        {t("cancel")}
      </SubmitButton>
      <FormMessage state={state} />
    </form>
  );
}
