"use client";

import { useTranslations } from "next-intl";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { SecretOverlap } from "./secret-overlap.tsx";

/** Issues a new secret, with an overlap or at once. While an overlap runs only "at once" is left: it ends that. */
export function IssueSecret({
  channelId,
  overlap,
  action,
  onDone,
}: {
  channelId: string;
  overlap: SecretOverlap | null;
  action: FormAction;
  onDone: (message: string | null) => void;
}) {
  const t = useTranslations("channels.secret");
  const common = useTranslations("common");
  const fields = { channelId, seenOverlap: overlap?.seen ?? "" };
  return (
    <ConfirmForm
      action={action}
      fields={overlap === null ? fields : { ...fields, when: "at_once" }}
      texts={{
        trigger: t("issue"),
        title: t("issueTitle"),
        text: t(overlap === null ? "issueText" : "issueDuringText"),
        action: t("issue"),
        cancel: common("cancel"),
      }}
      onDone={onDone}
    >
      {overlap === null && (
        <fieldset className="grid gap-3">
          <legend className="sr-only">{t("when")}</legend>
          <Choice value="overlap" title={t("overlap")} text={t("overlapText")} isDefault />
          <Choice value="at_once" title={t("atOnce")} text={t("atOnceText")} />
        </fieldset>
      )}
    </ConfirmForm>
  );
}

function Choice({
  value,
  title,
  text,
  isDefault = false,
}: {
  value: string;
  title: string;
  text: string;
  isDefault?: boolean;
}) {
  return (
    <label className="flex gap-3 rounded-control border p-3 has-checked:border-brand">
      <input
        type="radio"
        name="when"
        value={value}
        defaultChecked={isDefault}
        className="mt-1 size-4 shrink-0 accent-brand"
      />
      <span>
        <span className="block font-medium">{title}</span>
        <span className="block text-sm text-dim">{text}</span>
      </span>
    </label>
  );
}
