"use client";

import { useTranslations } from "next-intl";
import { useActionState, useId } from "react";
import { buttonClass } from "#components/ui/button.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Select } from "#components/ui/select.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { muteSpans } from "#lib/problems/mute-spans.ts";

/** Unfolds where it stands, so it works without a script. */
export function MuteForm({
  action,
  fields,
  label,
  onSubmit,
}: {
  action: FormAction;
  fields: Readonly<Record<string, string>>;
  label: string;
  onSubmit: () => void;
}) {
  const t = useTranslations("problems");
  const id = useId();
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <details className="group/mute basis-auto open:basis-full">
      <summary
        aria-label={label}
        className={`${buttonClass({ look: "quiet", size: "sm" })} cursor-pointer list-none [&::-webkit-details-marker]:hidden`}
      >
        {t("mute")}
      </summary>
      <form action={dispatch} onSubmit={onSubmit} className="mt-2 grid max-w-prose gap-2 text-sm">
        {Object.entries(fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <div className="flex flex-wrap items-center gap-2">
          <label htmlFor={id}>{t("muteFor")}</label>
          <Select id={id} name="span" defaultValue="24h">
            {muteSpans.map((span) => (
              <option key={span} value={span}>
                {t(`spans.${span}`)}
              </option>
            ))}
          </Select>
          <SubmitButton look="quiet" size="sm">
            {t("mute")}
          </SubmitButton>
        </div>
        <p className="text-dim">{t("muteHint")}</p>
        <FormMessage state={state} />
      </form>
    </details>
  );
}
