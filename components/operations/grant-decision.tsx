"use client";

import { useTranslations } from "next-intl";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { TextAreaField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { toast } from "#components/ui/toast.ts";
import { useFollowedAction } from "#components/ui/use-followed-action.ts";
import { type FormAction, fieldError, typedValue } from "#lib/form-state.ts";
import { type GrantEntry, noteLengthMax } from "#lib/grants/schema.ts";

/** What an operator can do about an application in its state. */
export function GrantDecision({
  application,
  decide,
}: {
  application: GrantEntry;
  decide: FormAction;
}) {
  if (application.state === "pending") return <Pending application={application} decide={decide} />;
  if (application.state === "approved") {
    return <Withdraw application={application} decide={decide} />;
  }
  return null;
}

function Pending({ application, decide }: { application: GrantEntry; decide: FormAction }) {
  const t = useTranslations("operations.applications");
  const [state, dispatch] = useFollowedAction(decide, toast);
  const name = application.channelName;
  return (
    <form action={dispatch} className="grid content-start gap-3">
      <FormMessage state={state} />
      <input type="hidden" name="grantId" value={application.id} />
      <TextAreaField
        label={t("note")}
        hint={t("noteHint")}
        name="note"
        maxLength={noteLengthMax}
        defaultValue={typedValue(state, "note")}
        error={fieldError(state, "note")}
      />
      <div className="flex flex-wrap gap-2">
        <SubmitButton
          size="sm"
          name="decision"
          value="approved"
          aria-label={`${t("approve")}: ${name}`}
        >
          {t("approve")}
        </SubmitButton>
        <SubmitButton
          look="danger"
          size="sm"
          name="decision"
          value="rejected"
          aria-label={`${t("reject")}: ${name}`}
        >
          {t("reject")}
        </SubmitButton>
      </div>
    </form>
  );
}

function Withdraw({ application, decide }: { application: GrantEntry; decide: FormAction }) {
  const t = useTranslations("operations.applications");
  const common = useTranslations("common");
  const name = application.channelName;
  return (
    <div className="flex items-start lg:justify-end">
      <ConfirmForm
        action={decide}
        fields={{ grantId: application.id, decision: "withdrawn" }}
        label={`${t("withdraw")}: ${name}`}
        texts={{
          trigger: t("withdraw"),
          title: t("withdrawTitle", { name }),
          text: t("withdrawText"),
          action: t("withdraw"),
          cancel: common("cancel"),
        }}
        onDone={toast}
      >
        <TextAreaField label={t("note")} name="note" required maxLength={noteLengthMax} />
      </ConfirmForm>
    </div>
  );
}
