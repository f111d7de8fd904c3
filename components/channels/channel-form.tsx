"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Card } from "#components/ui/card.tsx";
import { TextAreaField, TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { channelDescriptionLengthMax, channelNameLengthMax } from "#lib/channels/schema.ts";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";

/** Creates a channel; it starts with every switch off. */
export function ChannelForm({
  action,
  providerId,
  ownEmail,
}: {
  action: FormAction;
  providerId: string;
  ownEmail: string;
}) {
  const t = useTranslations("channels");
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <Card className="p-5">
      <h2 className="text-lg font-semibold">{t("create")}</h2>
      <p className="mt-0.5 text-dim">{t("createText")}</p>
      <form action={dispatch} className="mt-5 grid max-w-2xl gap-4">
        <input type="hidden" name="providerId" value={providerId} />
        <TextField
          label={t("name")}
          name="name"
          required
          maxLength={channelNameLengthMax}
          hint={t("nameHint")}
          defaultValue={typedValue(state, "name")}
          error={fieldError(state, "name")}
        />
        <TextAreaField
          label={t("description")}
          name="description"
          required
          maxLength={channelDescriptionLengthMax}
          hint={t("descriptionHint")}
          defaultValue={typedValue(state, "description")}
          error={fieldError(state, "description")}
        />
        <TextField
          label={t("email")}
          name="email"
          type="email"
          required
          maxLength={254}
          hint={t("emailHint")}
          defaultValue={typedValue(state, "email", ownEmail)}
          error={fieldError(state, "email")}
        />
        <FormMessage state={state} />
        <div>
          <SubmitButton>{t("create")}</SubmitButton>
        </div>
      </form>
    </Card>
  );
}
