"use client";

import { Eye, EyeOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, startTransition, useActionState, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { IssueSecret } from "./issue-secret.tsx";
import { type SecretOverlap, SecretOverlapCallout } from "./secret-overlap.tsx";

/** `next` is null unless an overlap runs. */
type Secrets = { current: string; next: string | null };
type Actions = {
  reveal: FormAction<Secrets>;
  issue: FormAction;
  switchNow: FormAction;
  keepOld: FormAction;
};

/** The channel secret, or both while two overlap: fetched only when an Admin asks for them, and issued anew. */
export function SecretCard({
  channelId,
  proof,
  overlap,
  actions,
}: {
  channelId: string;
  /** Stands in for "Show" and "Issue" while it is to be shown first who is there. */
  proof: ReactNode;
  overlap: SecretOverlap | null;
  actions: Actions;
}) {
  const t = useTranslations("channels.secret");
  const [done, setDone] = useState<string | null>(null);
  const [state, show] = useActionState(actions.reveal, idleForm);
  // The answer that is hidden again; the next one is shown.
  const [hidden, hide] = useState<typeof state | null>(null);
  const secrets = state.status === "done" && state !== hidden ? state.data : undefined;
  // What is shown may not be in force any more. A transition, so that the sentence comes with the page it speaks of.
  const onDone = (message: string | null) =>
    startTransition(() => {
      hide(state);
      setDone(message);
    });
  return (
    <Card>
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={
          proof === null && (
            <IssueSecret
              channelId={channelId}
              overlap={overlap}
              action={actions.issue}
              onDone={onDone}
            />
          )
        }
      />
      <CardBody className="grid gap-3">
        {done !== null && (
          <Callout tone="good" role="status">
            {done}
          </Callout>
        )}
        {overlap !== null && (
          <SecretOverlapCallout
            channelId={channelId}
            overlap={overlap}
            actions={actions}
            onDone={onDone}
          />
        )}
        {state.status === "refused" && <FormMessage state={state} />}
        {secrets === undefined && proof !== null ? (
          proof
        ) : (
          <form action={show} className="flex flex-wrap items-center gap-2">
            <input type="hidden" name="channelId" value={channelId} />
            {secrets === undefined ? (
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
                <ShownSecrets secrets={secrets} time={overlap?.time ?? null} />
                <Button size="sm" onClick={() => hide(state)}>
                  <EyeOff aria-hidden />
                  {t("hide")}
                </Button>
              </>
            )}
          </form>
        )}
      </CardBody>
    </Card>
  );
}

function ShownSecrets({ secrets, time }: { secrets: Secrets; time: string | null }) {
  const t = useTranslations("channels.secret");
  const { current, next } = secrets;
  if (next === null || time === null) return <Secret name={t("title")} text={current} />;
  return (
    <dl className="grid w-full gap-2">
      <div>
        <dt className="text-sm text-dim">{`${t("old")} · ${t("oldUntil", { time })}`}</dt>
        <dd className="flex flex-wrap items-center gap-2">
          <Secret name={t("old")} text={current} />
        </dd>
      </div>
      <div>
        <dt className="text-sm text-dim">{`${t("new")} · ${t("newFrom", { time })}`}</dt>
        <dd className="flex flex-wrap items-center gap-2">
          <Secret name={t("new")} text={next} />
        </dd>
      </div>
    </dl>
  );
}

function Secret({ name, text }: { name: string; text: string }) {
  return (
    <>
      <code className="font-mono break-all">{text}</code>
      <CopyButton text={text} what={name} />
    </>
  );
}
