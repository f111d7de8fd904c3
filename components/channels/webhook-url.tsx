"use client";

import { LoaderCircle } from "lucide-react";
import { useTranslations } from "next-intl";
import { useActionState, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { progressOf, useVerify, type VerifyAction } from "./use-verify.ts";
import { VerifyResult } from "./verify-result.tsx";

/** The one URL of a channel: shown with Edit and Verify, edited with Update. */
export function WebhookUrl({
  channelId,
  url,
  update,
  verify,
}: {
  channelId: string;
  url: string | null;
  update: FormAction;
  verify: VerifyAction;
}) {
  const t = useTranslations("channels.webhook");
  const common = useTranslations("common");
  const [isEditing, setEditing] = useState(url === null);
  const [updated, submit] = useActionState<Awaited<ReturnType<FormAction>>, FormData>(
    async (previous, form) => {
      const next = await update(previous, form);
      if (next.status === "done") setEditing(false);
      return next;
    },
    idleForm,
  );
  // Without JavaScript the form posts to the action; with it, the check is followed step by step.
  const [posted, check] = useActionState(verify, idleForm);
  const { progress, start } = useVerify(channelId);
  const isRunning = progress.state === "running";
  return (
    <div className="grid gap-3 px-5 py-4">
      {isEditing ? (
        <form action={submit} className="grid gap-3">
          <FormMessage state={updated} />
          <input type="hidden" name="channelId" value={channelId} />
          <input type="hidden" name="seenUrl" value={url ?? ""} />
          <TextField
            label={t("url")}
            name="webhookUrl"
            type="url"
            inputMode="url"
            required
            spellCheck={false}
            autoComplete="off"
            hint={t("urlHint")}
            defaultValue={typedValue(updated, "webhookUrl", url ?? "")}
            error={fieldError(updated, "webhookUrl")}
          />
          <div className="flex flex-wrap gap-2">
            <SubmitButton>{t("update")}</SubmitButton>
            {url !== null && <Button onClick={() => setEditing(false)}>{common("cancel")}</Button>}
          </div>
        </form>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <div className="min-w-0">
            <p className="font-medium">{t("url")}</p>
            <p className="font-mono break-all">{url ?? t("urlNone")}</p>
            <p role="status" className="text-sm text-good">
              {updated.status === "done" && updated.message}
            </p>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setEditing(true)}>{common("edit")}</Button>
            <form
              action={check}
              onSubmit={(event) => {
                event.preventDefault();
                if (!isRunning) start();
              }}
            >
              <input type="hidden" name="channelId" value={channelId} />
              <Button type="submit" aria-disabled={isRunning}>
                {isRunning && <LoaderCircle className="animate-spin" aria-hidden />}
                {t("verify")}
              </Button>
            </form>
          </div>
        </div>
      )}
      {!isEditing && url !== null && (
        <VerifyResult
          progress={progress.state === "idle" ? progressOf(posted) : progress}
          url={url}
        />
      )}
    </div>
  );
}
