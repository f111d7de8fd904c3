"use client";

import { useTranslations } from "next-intl";
import { SelectField, TextField } from "#components/ui/field.tsx";
import { isLikelyCause, likelyCauses } from "#lib/causes/schema.ts";
import type { AskedOutcome } from "#lib/delivery-log/schema.ts";
import { errorReasons, isErrorReason } from "#lib/transport/error-class.ts";
import { formatStatus, parseStatus } from "#lib/webhook-errors/status-filter.ts";
import type { CauseNames } from "./deliveries-view.ts";

/** What the attempt that ended a webhook came to. */
export function OutcomeFields({
  outcome,
  causeNames,
}: {
  outcome: AskedOutcome;
  causeNames: CauseNames;
}) {
  const t = useTranslations("deliveries.filter");
  const reasonText = useTranslations("webhook-errors.reason");
  return (
    <>
      <div className="grid grid-cols-2 items-start gap-3">
        <SelectField label={t("reason")} name="reason" defaultValue={outcome.reason ?? ""}>
          <option value="">{t("anyReason")}</option>
          {errorReasons.map((reason) => (
            <option key={reason} value={reason}>
              {reasonText(reason)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t("status")}
          hint={t("statusHint")}
          name="status"
          defaultValue={outcome.status === null ? "" : formatStatus(outcome.status)}
          pattern="[1-9][0-9][0-9]|[1-5][xX][xX]|none"
          maxLength={4}
          autoComplete="off"
        />
      </div>
      <SelectField label={t("cause")} name="cause" defaultValue={outcome.likelyCause ?? ""}>
        <option value="">{t("anyCause")}</option>
        {likelyCauses.map((cause) => (
          <option key={cause} value={cause}>
            {causeNames[cause]}
          </option>
        ))}
      </SelectField>
      <div className="grid grid-cols-2 items-start gap-3">
        <Milliseconds label={t("least")} name="least" value={outcome.answerFromMs} />
        <Milliseconds label={t("most")} name="most" value={outcome.answerToMs} />
      </div>
    </>
  );
}

function Milliseconds({
  label,
  name,
  value,
}: {
  label: string;
  name: string;
  value: number | null;
}) {
  return (
    <TextField
      label={label}
      name={name}
      defaultValue={value ?? ""}
      inputMode="numeric"
      pattern="[0-9]{1,5}"
      maxLength={5}
      autoComplete="off"
    />
  );
}

/** What the fields say; `text` reads one of them. */
export function readOutcome(text: (name: string) => string): AskedOutcome {
  const [reason, cause] = [text("reason"), text("cause")];
  const ms = (name: string) => (/^\d{1,5}$/.test(text(name)) ? Number(text(name)) : null);
  return {
    reason: isErrorReason(reason) ? reason : null,
    status: parseStatus(text("status")),
    likelyCause: isLikelyCause(cause) ? cause : null,
    answerFromMs: ms("least"),
    answerToMs: ms("most"),
  };
}
