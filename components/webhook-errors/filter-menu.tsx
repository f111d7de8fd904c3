"use client";

import { ListFilter } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { SelectField, TextField } from "#components/ui/field.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx";
import { errorDetails, errorReasons, isErrorReason } from "#lib/transport/error-class.ts";
import { type ErrorFilter, errorsHref, formatStatus } from "#lib/webhook-errors/filter.ts";
import { parseStatus } from "#lib/webhook-errors/row-key.ts";
import type { ErrorsView } from "./errors-chart.tsx";

/** The filters as a form; the address is the state, so applying is going somewhere. */
export function FilterMenu({ view: { channelId, filter } }: { view: ErrorsView }) {
  const t = useTranslations("webhook-errors.filter");
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const count = [filter.reason, filter.detail, filter.status, filter.attempt].filter(
    Boolean,
  ).length;
  const apply = (form: FormData) => {
    setOpen(false);
    router.push(errorsHref(channelId, filter, readFilter(form)), { scroll: false });
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button>
          <ListFilter aria-hidden />
          {count === 0 ? t("open") : t("count", { count })}
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-72" aria-label={t("open")}>
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            apply(new FormData(event.currentTarget));
          }}
        >
          <Fields filter={filter} />
          <Button type="submit">{t("apply")}</Button>
        </form>
      </PopoverContent>
    </Popover>
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
