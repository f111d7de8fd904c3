"use client";

import { Eye, EyeOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useActionState, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** The channel secret, fetched only when an Admin asks for it, and issued anew. */
export function SecretCard({
  channelId,
  reveal,
  reissue,
}: {
  channelId: string;
  reveal: FormAction<string>;
  reissue: FormAction;
}) {
  const t = useTranslations("channels.secret");
  const common = useTranslations("common");
  const [shown, setShown] = useState(false);
  const [issued, setIssued] = useState<string | null>(null);
  const [state, show] = useActionState<Awaited<ReturnType<typeof reveal>>, FormData>(
    async (previous, form) => {
      const next = await reveal(previous, form);
      setShown(next.status === "done");
      return next;
    },
    idleForm,
  );
  const secret = shown && state.status === "done" ? state.data : undefined;
  return (
    <Card>
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={
          <ConfirmForm
            action={reissue}
            fields={{ channelId }}
            texts={{
              trigger: t("issue"),
              title: t("issueTitle"),
              text: t("issueText"),
              action: t("issue"),
              cancel: common("cancel"),
            }}
            onDone={(message) => {
              setShown(false);
              setIssued(message);
            }}
          />
        }
      />
      <CardBody className="grid gap-3">
        {issued !== null && (
          <Notice tone="good" role="status">
            {issued}
          </Notice>
        )}
        {state.status === "refused" && <FormMessage state={state} />}
        <form action={show} className="flex flex-wrap items-center gap-2">
          <input type="hidden" name="channelId" value={channelId} />
          {secret === undefined ? (
            <>
              <span aria-hidden className="font-mono text-dim">
                {"•".repeat(32)}
              </span>
              <SubmitButton look="quiet" size="sm">
                <Eye aria-hidden />
                {t("show")}
              </SubmitButton>
            </>
          ) : (
            <>
              <code className="font-mono break-all">{secret}</code>
              <CopyButton text={secret} what={t("title")} />
              <Button size="sm" onClick={() => setShown(false)}>
                <EyeOff aria-hidden />
                {t("hide")}
              </Button>
            </>
          )}
        </form>
      </CardBody>
    </Card>
  );
}
