"use client";

import { useTranslations } from "next-intl";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import type { FormAction } from "#lib/form-state.ts";

/** For those who are not Admin; Admins make somebody else Admin first and change their own role. */
export function LeaveCard({
  action,
  field,
  kind,
}: {
  action: FormAction;
  field: { name: string; value: string };
  kind: "channel" | "provider";
}) {
  const t = useTranslations(kind === "channel" ? "channels.leave" : "members.leave");
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
        action={
          <ConfirmForm action={action} fields={{ [field.name]: field.value }} texts={texts} />
        }
      />
    </Card>
  );
}
