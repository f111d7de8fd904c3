"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Button } from "#components/ui/button.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Link } from "#components/ui/link.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** The way to Verify comes first: who resumes into a dead bot server waits for the same limit again. */
export function ResumeSending({ channelId, action }: { channelId: string; action: FormAction }) {
  const t = useTranslations("channels.endpoint");
  const [state, resume] = useActionState(action, idleForm);
  return (
    <div className="mt-3 grid gap-3">
      <FormMessage state={state} />
      <div className="flex flex-wrap gap-2">
        <Button look="primary" asChild>
          <Link prefetch={false} href={`/console/channel/${channelId}/messaging-api`}>
            {t("verifyFirst")}
          </Link>
        </Button>
        <form action={resume}>
          <input type="hidden" name="channelId" value={channelId} />
          <SubmitButton look="quiet">{t("resume")}</SubmitButton>
        </form>
      </div>
    </div>
  );
}
