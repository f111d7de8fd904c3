"use client";

import { Pin, PinOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** Pins the channel to the person's side bar, or takes it off. */
export function PinForm({
  channelId,
  isPinned,
  action,
}: {
  channelId: string;
  isPinned: boolean;
  action: FormAction;
}) {
  const t = useTranslations("lists.pin");
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch} className="flex items-center gap-2" title={t("hint")}>
      <input type="hidden" name="channelId" value={channelId} />
      <input type="hidden" name="pinned" value={String(!isPinned)} />
      <SubmitButton look="ghost" size="sm">
        {isPinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
        {t(isPinned ? "remove" : "add")}
      </SubmitButton>
      <FormMessage state={state} />
    </form>
  );
}
