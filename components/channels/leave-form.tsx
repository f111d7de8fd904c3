"use client";

import { useTranslations } from "next-intl";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import type { FormAction } from "#lib/form-state.ts";

/** For Members and Testers; Admins make somebody else Admin first and change their own role. */
export function LeaveForm({ action, channelId }: { action: FormAction; channelId: string }) {
  const t = useTranslations("channels.leave");
  const common = useTranslations("common");
  const texts = {
    trigger: t("action"),
    title: t("title"),
    text: t("text"),
    action: t("action"),
    cancel: common("cancel"),
  };
  return (
    <Card>
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={<ConfirmForm action={action} fields={{ channelId }} texts={texts} />}
      />
    </Card>
  );
}
