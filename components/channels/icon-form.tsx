"use client";

import { useTranslations } from "next-intl";
import { useActionState, useState } from "react";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { iconBytesMax } from "#lib/channels/schema.ts";
import { type FormAction, fieldError, idleForm } from "#lib/form-state.ts";
import { ChannelIcon } from "./channel-icon.tsx";

/** The channel's icon: upload another one, or take it away. */
export function IconForm({
  channel,
  actions,
}: {
  channel: { id: string; name: string; iconHash: string | null };
  actions: { upload: FormAction; remove: FormAction };
}) {
  const t = useTranslations("channels");
  const common = useTranslations("common");
  const [state, dispatch] = useActionState(actions.upload, idleForm);
  // More than an action takes would end in an error page instead of a sentence at the field.
  const [isTooLarge, setTooLarge] = useState(false);
  const kib = iconBytesMax / 1024;
  return (
    <Card>
      <CardHeader title={t("icon")} text={t("iconText")} />
      <CardBody className="flex flex-wrap items-start gap-5">
        <ChannelIcon channel={channel} className="size-20 text-2xl" />
        <div className="grid grow gap-3 sm:max-w-md">
          <form action={dispatch} className="grid gap-3">
            <FormMessage state={state} />
            <input type="hidden" name="channelId" value={channel.id} />
            <TextField
              label={t("iconFile")}
              name="icon"
              type="file"
              accept="image/png,image/jpeg"
              required
              hint={t("iconHint", { kib })}
              error={isTooLarge ? t("iconTooLarge", { kib }) : fieldError(state, "icon")}
              onChange={(event) => setTooLarge((event.target.files?.[0]?.size ?? 0) > iconBytesMax)}
            />
            <div className="flex flex-wrap gap-2">
              <SubmitButton look="quiet" disabled={isTooLarge}>
                {t("iconUpload")}
              </SubmitButton>
            </div>
          </form>
          <div className="empty:hidden">
            {channel.iconHash !== null && (
              <ConfirmForm
                action={actions.remove}
                fields={{ channelId: channel.id }}
                texts={{
                  trigger: t("iconRemove"),
                  title: t("iconRemoveTitle"),
                  text: t("iconRemoveText"),
                  action: t("iconRemove"),
                  cancel: common("cancel"),
                }}
              />
            )}
          </div>
        </div>
      </CardBody>
    </Card>
  );
}
