"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useActionState } from "react";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { FieldNotes, useControlIds } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Input } from "#components/ui/input.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import {
  lengthOf,
  type Threshold,
  type ThresholdKind,
  thresholdKinds,
  thresholdMax,
} from "#lib/notifications/threshold.ts";

type Props = {
  channelId: string;
  /** Null: every error is told. */
  threshold: Threshold | null;
  /** Of one window. */
  windowMs: number;
  action: FormAction;
};

/** From how many errors on people are told: of every one, or by one of three measures, each with its number. */
export function ThresholdCard({ channelId, threshold, windowMs, action }: Props) {
  const t = useTranslations("notifications.threshold");
  const [state, dispatch] = useActionState(action, idleForm);
  const chosen = typedValue(state, "kind", threshold?.kind ?? "every");
  const numberOf = (kind: ThresholdKind): string =>
    typedValue(state, kind, threshold?.kind === kind ? String(threshold.value) : "");
  return (
    <Card id="threshold">
      <CardHeader title={t("title")} text={t("text")} />
      <CardBody>
        <form action={dispatch} className="grid gap-4">
          <input type="hidden" name="channelId" value={channelId} />
          <fieldset className="grid gap-2.5">
            <legend className="sr-only">{t("legend")}</legend>
            <Choice value="every" label={t("every")} isChosen={chosen === "every"} />
            {thresholdKinds.map((kind) => (
              <div key={kind} className="grid gap-1.5 sm:grid-cols-[14rem_1fr]">
                <Choice value={kind} label={t(kind)} isChosen={chosen === kind} />
                <Amount
                  kind={kind}
                  unit={t(`${kind}Unit`, lengthOf(windowMs))}
                  value={numberOf(kind)}
                  error={fieldError(state, kind)}
                  hint={kind === "share" ? t("shareHint") : undefined}
                />
              </div>
            ))}
          </fieldset>
          <p className="max-w-prose text-sm text-dim">{t("always")}</p>
          <FormMessage state={state} />
          <div>
            <SubmitButton look="quiet" size="sm">
              {t("save")}
            </SubmitButton>
          </div>
        </form>
      </CardBody>
    </Card>
  );
}

function Choice({ value, label, isChosen }: { value: string; label: string; isChosen: boolean }) {
  return (
    <label className="flex items-center gap-2 sm:h-9">
      <input
        type="radio"
        name="kind"
        value={value}
        defaultChecked={isChosen}
        className="size-4 shrink-0 accent-brand"
      />
      {label}
    </label>
  );
}

type AmountProps = {
  kind: ThresholdKind;
  unit: string;
  value: string;
  error: string | undefined;
  hint: string | undefined;
};

function Amount({ kind, unit, value, error, hint }: AmountProps) {
  const ids = useControlIds({ hint, error });
  return (
    <div className="grid gap-1 pl-6 sm:pl-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Input
          {...ids}
          type="number"
          name={kind}
          min={1}
          max={thresholdMax[kind]}
          defaultValue={value}
          onInput={chooseIts}
          className="w-28"
        />
        <label htmlFor={ids.id} className="text-sm text-dim">
          {unit}
        </label>
      </div>
      <FieldNotes id={ids.id} hint={hint} error={error} />
    </div>
  );
}

/** Who types a number means it. */
function chooseIts({ currentTarget: { form, name } }: FormEvent<HTMLInputElement>): void {
  const choices = form?.elements.namedItem("kind");
  if (choices instanceof RadioNodeList) choices.value = name;
}
