"use client";

import { useTranslations } from "next-intl";
import { useActionState, useState } from "react";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { TextAreaField, TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { CheckedSignature } from "#lib/channels/schema.ts";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { diagnosedBodyLengthMax, type SignatureReading } from "#lib/webhooks/schema.ts";

/** Tells a bot's developer why a signature does not fit; what was pasted stays, to be tried again with a change. */
export function SignatureChecker({
  channelId,
  action,
}: {
  channelId: string;
  action: FormAction<CheckedSignature>;
}) {
  const t = useTranslations("channels.signature");
  const [state, dispatch] = useActionState(action, idleForm);
  const [body, setBody] = useState(typedValue(state, "body"));
  const [signature, setSignature] = useState(typedValue(state, "signature"));
  return (
    <Card>
      <CardHeader title={t("title")} text={t("text")} />
      <CardBody>
        <form action={dispatch} className="grid gap-4">
          <input type="hidden" name="channelId" value={channelId} />
          <FormMessage state={state} />
          {state.status === "done" && <Finding checked={state.data} />}
          <TextAreaField
            label={t("body")}
            hint={t("bodyHint")}
            name="body"
            rows={5}
            className="[&_textarea]:font-mono"
            spellCheck={false}
            autoComplete="off"
            maxLength={diagnosedBodyLengthMax}
            value={body}
            onChange={(event) => setBody(event.target.value)}
            error={fieldError(state, "body")}
          />
          <TextField
            label={t("value")}
            hint={t("valueHint")}
            name="signature"
            className="[&_input]:font-mono"
            spellCheck={false}
            autoComplete="off"
            value={signature}
            onChange={(event) => setSignature(event.target.value)}
            error={fieldError(state, "signature")}
          />
          <div>
            <SubmitButton look="quiet">{t("check")}</SubmitButton>
          </div>
        </form>
      </CardBody>
    </Card>
  );
}

function Finding({ checked: { isRight, reading } }: { checked: CheckedSignature }) {
  const t = useTranslations("channels.signature");
  if (isRight) {
    return (
      <Callout tone="good" role="status" title={t("right")}>
        <p className="text-sm text-dim">{t("rightText")}</p>
      </Callout>
    );
  }
  if (reading === null) {
    return (
      <Callout tone="bad" role="status" title={t("unknown")}>
        <p className="text-sm text-dim">{t("unknownText")}</p>
      </Callout>
    );
  }
  return (
    <Callout tone="warn" role="status" title={t("found")}>
      <ul className="mt-1 list-disc space-y-1 pl-5 text-sm">
        <Mistakes reading={reading} />
      </ul>
    </Callout>
  );
}

function Mistakes({ reading: { body, secret, form } }: { reading: SignatureReading }) {
  const t = useTranslations("channels.signature");
  return (
    <>
      {body !== "as_given" && <li>{t(`bodies.${body}`)}</li>}
      {secret !== "as_given" && <li>{t(`secrets.${secret}`)}</li>}
      {form !== "as_documented" && <li>{t(`forms.${form}`)}</li>}
    </>
  );
}
