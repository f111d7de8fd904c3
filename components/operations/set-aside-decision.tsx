"use client";

import { useTranslations } from "next-intl";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { toast } from "#components/ui/toast.ts";
import { useFollowedAction } from "#components/ui/use-followed-action.ts";
import type { FormAction } from "#lib/form-state.ts";

/** What an operator can do with one webhook: have it tried again, or end it after a question. */
export function SetAsideDecision({
  id,
  actions,
}: {
  id: string;
  actions: { release: FormAction; end: FormAction };
}) {
  const t = useTranslations("operations.setAside");
  const common = useTranslations("common");
  const [state, dispatch] = useFollowedAction(actions.release, toast);
  return (
    <div className="flex flex-wrap gap-2 md:justify-end">
      <FormMessage state={state} />
      <form action={dispatch}>
        <input type="hidden" name="id" value={id} />
        <SubmitButton look="quiet" size="sm" aria-label={t("releaseWhat", { id })}>
          {t("release")}
        </SubmitButton>
      </form>
      <ConfirmForm
        action={actions.end}
        fields={{ id }}
        texts={{
          trigger: t("end"),
          title: t("endTitle"),
          text: t("endText"),
          action: t("end"),
          cancel: common("cancel"),
        }}
        label={t("endWhat", { id })}
        onDone={toast}
      />
    </div>
  );
}
