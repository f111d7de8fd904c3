"use client";

import { LoaderCircle } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useActionState, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { WithoutScript } from "#components/ui/without-script.tsx";
import type { CheckedUrl } from "#lib/channels/schema.ts";
import {
  type FormAction,
  type FormState,
  fieldError,
  idleForm,
  typedValue,
} from "#lib/form-state.ts";
import { SampleForm } from "./sample-form.tsx";
import { progressOf, useVerify, type VerifyAction, type VerifyProgress } from "./use-verify.ts";
import { VerifyResult } from "./verify-result.tsx";
import { webhookAnchors } from "./webhook-anchors.ts";

/** What the script followed, else what the form without it came to. */
const shownProgress = (followed: VerifyProgress, posted: FormState<CheckedUrl>): VerifyProgress =>
  followed.state === "idle" ? progressOf(posted) : followed;

type Updated = FormState<undefined>;

/** The one URL of a channel: shown with Edit and Verify, edited with Update. */
export function WebhookUrl({
  channelId,
  url,
  allowsHttp,
  proof,
  update,
  verify,
}: {
  channelId: string;
  url: string | null;
  allowsHttp: boolean;
  /** Stands in for the form while it is to be shown first who is there. */
  proof: ReactNode;
  update: FormAction;
  verify: VerifyAction;
}) {
  const t = useTranslations("channels.webhook");
  const [isEditing, setEditing] = useState(url === null);
  // The focus follows: into the field that was asked for, and back to the button that opened it.
  const [wasPressed, setPressed] = useState(false);
  const [updated, submit] = useActionState(update, idleForm);
  const [seen, setSeen] = useState<Updated>(updated);
  if (updated !== seen) {
    setSeen(updated);
    if (updated.status === "done") setEditing(false);
  }
  // Without JavaScript the form posts to the action; with it, the check is followed step by step.
  const [posted, check] = useActionState(verify, idleForm);
  const { progress, start } = useVerify(channelId);
  const isShown = url !== null && (!isEditing || proof !== null);
  const form = { channelId, url, allowsHttp, state: updated };
  return (
    <div id={webhookAnchors("url")} className="grid scroll-mt-20 gap-3 px-5 py-4 lg:scroll-mt-4">
      {isShown && (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <div className="min-w-0">
            <p className="font-medium">{t("url")}</p>
            <p className="font-mono break-all">
              {url} <CopyButton text={url} what={t("url")} />
            </p>
            <p role="status" className="text-sm text-good">
              {updated.status === "done" && updated.message}
            </p>
          </div>
          <div className="flex flex-wrap gap-2">
            {proof === null && (
              <EditButton
                takesFocus={wasPressed}
                onPress={() => {
                  setPressed(true);
                  setEditing(true);
                }}
              />
            )}
            <VerifyForm
              channelId={channelId}
              isRunning={progress.state === "running"}
              {...{ check, start }}
            />
          </div>
        </div>
      )}
      {proof !== null ? (
        <>
          {updated.status === "refused" && <FormMessage state={updated} />}
          {!isShown && (
            <div>
              <p className="font-medium">{t("url")}</p>
              <p className="text-dim">{t("urlNone")}</p>
            </div>
          )}
          {proof}
        </>
      ) : isEditing ? (
        <UrlForm
          {...form}
          action={submit}
          onCancel={() => setEditing(false)}
          takesFocus={wasPressed}
        />
      ) : (
        // Where no script could bring the form it stands there from the beginning.
        <WithoutScript>
          <UrlForm {...form} action={submit} onCancel={null} takesFocus={false} />
        </WithoutScript>
      )}
      {isShown && (
        <>
          <SampleForm {...{ channelId, check, start }} isRunning={progress.state === "running"} />
          <VerifyResult progress={shownProgress(progress, posted)} url={url} />
        </>
      )}
    </div>
  );
}

/** Once, when the element comes. */
const takeFocus = (element: HTMLElement | null): void => element?.focus();

function EditButton({ takesFocus, onPress }: { takesFocus: boolean; onPress: () => void }) {
  const common = useTranslations("common");
  return (
    <Button ref={takesFocus ? takeFocus : undefined} onClick={onPress} className="noscript:hidden">
      {common("edit")}
    </Button>
  );
}

function VerifyForm({
  channelId,
  isRunning,
  check,
  start,
}: {
  channelId: string;
  isRunning: boolean;
  check: (form: FormData) => void;
  start: () => void;
}) {
  const t = useTranslations("channels.webhook");
  return (
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
  );
}

function UrlForm({
  channelId,
  url,
  allowsHttp,
  state,
  action,
  onCancel,
  takesFocus,
}: {
  channelId: string;
  url: string | null;
  allowsHttp: boolean;
  state: Updated;
  action: (form: FormData) => void;
  onCancel: (() => void) | null;
  takesFocus: boolean;
}) {
  const t = useTranslations("channels.webhook");
  const common = useTranslations("common");
  return (
    <form action={action} className="grid gap-3">
      <FormMessage state={state} />
      <input type="hidden" name="channelId" value={channelId} />
      <input type="hidden" name="seenUrl" value={url ?? ""} />
      <TextField
        label={t("url")}
        autoFocus={takesFocus}
        name="webhookUrl"
        type="url"
        inputMode="url"
        required
        spellCheck={false}
        autoComplete="off"
        hint={t(allowsHttp ? "urlHintHttp" : "urlHint")}
        defaultValue={typedValue(state, "webhookUrl", url ?? "")}
        error={fieldError(state, "webhookUrl")}
      />
      <div className="flex flex-wrap gap-2">
        <SubmitButton>{t("update")}</SubmitButton>
        {url !== null && onCancel !== null && (
          <Button onClick={onCancel}>{common("cancel")}</Button>
        )}
      </div>
    </form>
  );
}
