"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { TextAreaField, TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import {
  channelDescriptionLengthMax,
  channelNameLengthMax,
  pageUrlLengthMax,
} from "#lib/channels/schema.ts";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";

type Basics = {
  id: string;
  version: number;
  name: string;
  description: string;
  email: string;
  isEmailVerified: boolean;
  privacyPolicyUrl: string | null;
  termsOfUseUrl: string | null;
};

/** What an Admin edits. */
export function BasicsForm({ action, channel }: { action: FormAction; channel: Basics }) {
  const t = useTranslations("channels");
  const common = useTranslations("common");
  const [state, dispatch] = useActionState(action, idleForm);
  const field = (name: Exclude<keyof Basics, "id" | "version" | "isEmailVerified">) => ({
    name,
    label: t(name),
    defaultValue: typedValue(state, name, channel[name] ?? ""),
    error: fieldError(state, name),
  });
  return (
    <Card>
      <CardHeader title={t("basics.edit")} text={t("basics.text")} />
      <CardBody>
        <form action={dispatch} className="grid max-w-2xl gap-4">
          <input type="hidden" name="channelId" value={channel.id} />
          <input type="hidden" name="version" value={channel.version} />
          <TextField
            {...field("name")}
            required
            maxLength={channelNameLengthMax}
            hint={t("nameHint")}
          />
          <TextAreaField
            {...field("description")}
            required
            maxLength={channelDescriptionLengthMax}
          />
          <TextField
            {...field("email")}
            type="email"
            required
            maxLength={254}
            hint={
              <>
                {t("emailHint")}{" "}
                <span className={channel.isEmailVerified ? undefined : "text-warn"}>
                  {t(channel.isEmailVerified ? "emailVerified" : "emailUnverified")}
                </span>
              </>
            }
          />
          <TextField
            {...field("privacyPolicyUrl")}
            type="url"
            maxLength={pageUrlLengthMax}
            hint={t("optional")}
          />
          <TextField
            {...field("termsOfUseUrl")}
            type="url"
            maxLength={pageUrlLengthMax}
            hint={t("optional")}
          />
          <FormMessage state={state} />
          <div>
            <SubmitButton>{common("save")}</SubmitButton>
          </div>
        </form>
      </CardBody>
    </Card>
  );
}
