"use client";

import { useTranslations } from "next-intl";
import { FilterMenu } from "#components/statistics/filter-menu.tsx";
import { SelectField, TextField } from "#components/ui/field.tsx";
import { errorDetails, errorReasons, isErrorReason } from "#lib/transport/error-class.ts";
import { countFilters, type ErrorFilter, errorsHref } from "#lib/webhook-errors/filter.ts";
import { formatStatus, parseStatus } from "#lib/webhook-errors/status-filter.ts";
import type { ErrorsView } from "./errors-view.ts";

export function ErrorsFilterMenu({ view: { channelId, filter } }: { view: ErrorsView }) {
  return (
    <FilterMenu
      page="webhook-errors"
      count={countFilters(filter)}
      hrefOf={(form) => errorsHref(channelId, filter, readFilter(form))}
      className="w-72"
    >
      <Fields filter={filter} />
    </FilterMenu>
  );
}

function Fields({ filter }: { filter: ErrorFilter }) {
  const t = useTranslations("webhook-errors");
  return (
    <>
      <SelectField label={t("filter.reason")} name="reason" defaultValue={filter.reason ?? ""}>
        <option value="">{t("filter.allReasons")}</option>
        {errorReasons.map((reason) => (
          <option key={reason} value={reason}>
            {t(`reason.${reason}`)}
          </option>
        ))}
      </SelectField>
      <SelectField label={t("filter.detail")} name="detail" defaultValue={filter.detail ?? ""}>
        <option value="">{t("filter.allDetails")}</option>
        {filter.detail !== null && !documented.has(filter.detail) && (
          <option>{filter.detail}</option>
        )}
        {Object.entries(errorDetails).map(([reason, details]) => (
          <optgroup key={reason} label={isErrorReason(reason) ? t(`reason.${reason}`) : reason}>
            {details.map((detail) => (
              <option key={detail}>{detail}</option>
            ))}
          </optgroup>
        ))}
      </SelectField>
      <TextField
        label={t("filter.status")}
        hint={t("filter.statusHint")}
        name="status"
        defaultValue={filter.status === null ? "" : formatStatus(filter.status)}
        pattern="[1-9][0-9][0-9]|[1-5][xX][xX]"
        maxLength={3}
        autoComplete="off"
      />
      <SelectField label={t("filter.attempt")} name="attempt" defaultValue={filter.attempt ?? ""}>
        <option value="">{t("filter.allAttempts")}</option>
        <option value="first">{t("filter.first")}</option>
        <option value="redelivery">{t("filter.redelivery")}</option>
      </SelectField>
    </>
  );
}

const documented: ReadonlySet<string> = new Set(Object.values(errorDetails).flat());

function readFilter(form: FormData): Partial<ErrorFilter> {
  const text = (name: string) => String(form.get(name) ?? "");
  const [reason, detail, attempt] = [text("reason"), text("detail"), text("attempt")];
  return {
    reason: isErrorReason(reason) ? reason : null,
    detail: detail === "" ? null : detail,
    status: parseStatus(text("status")),
    attempt: attempt === "first" || attempt === "redelivery" ? attempt : null,
  };
}
