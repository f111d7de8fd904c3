"use client";

import { useLocale, useTranslations } from "next-intl";
import { useActionState } from "react";
import { FieldNotes, SelectField, TextField, useControlIds } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { TickBox } from "#components/ui/tick-box.tsx";
import {
  type FormAction,
  type FormState,
  fieldError,
  idleForm,
  typedValue,
} from "#lib/form-state.ts";
import { formatWeekday } from "#lib/format.ts";
import {
  formatClock,
  proposedHours,
  type QuietHours,
  weekdayField,
  weekdays,
} from "#lib/quiet-hours/schema.ts";

/** Whose hours they are: a person's are in the zone of the account, a channel's in one that is chosen. */
export type QuietHoursOf =
  | { whose: "own"; zone: string }
  | { whose: "channel"; zone: string; channelId: string; zones: readonly string[] };

/** When no error emails come to somebody. Whoever has no such hours is shown some to begin with. */
export function QuietHoursForm({
  of,
  hours,
  action,
}: {
  of: QuietHoursOf;
  hours: QuietHours | null;
  action: FormAction;
}) {
  const t = useTranslations("notifications.quietHours");
  const [state, dispatch] = useActionState(action, idleForm);
  const { beginsAt, endsAt, outagesCome } = hours ?? proposedHours;
  const clock = (name: string, minutes: number) => ({
    ...{ name, type: "time", className: "w-36" },
    defaultValue: typedValue(state, name, formatClock(minutes)),
    error: fieldError(state, name),
  });
  return (
    <form action={dispatch} aria-label={t("title")} className="grid max-w-2xl gap-4">
      <TickBox
        name="quiet"
        defaultChecked={isTicked(state, "quiet", hours !== null)}
        label={t("box")}
      />
      <div className="flex flex-wrap gap-x-4 gap-y-3">
        <TextField label={t("from")} {...clock("from", beginsAt)} />
        <TextField label={t("to")} {...clock("to", endsAt)} />
      </div>
      {of.whose === "own" ? (
        <p className="text-sm text-dim">{t("zone", { zone: of.zone })}</p>
      ) : (
        <Zone of={of} state={state} />
      )}
      <Weekdays hours={hours} state={state} />
      <TickBox
        name="outages"
        defaultChecked={isTicked(state, "outages", outagesCome)}
        label={t("outages")}
      />
      <FormMessage state={state} />
      <div>
        <SubmitButton look="quiet" size="sm">
          {t("save")}
        </SubmitButton>
      </div>
    </form>
  );
}

/** A box that was not ticked is not among what was typed. */
const isTicked = (state: FormState, name: string, otherwise: boolean): boolean =>
  state.status === "refused" ? name in state.values : otherwise;

function Zone({
  of: { channelId, zone, zones },
  state,
}: {
  of: Extract<QuietHoursOf, { whose: "channel" }>;
  state: FormState;
}) {
  const t = useTranslations("notifications.quietHours");
  const chosen = typedValue(state, "timeZone", zone);
  return (
    <>
      <input type="hidden" name="channelId" value={channelId} />
      <SelectField
        key={chosen}
        name="timeZone"
        label={t("timeZone")}
        defaultValue={chosen}
        error={fieldError(state, "timeZone")}
        className="max-w-80"
      >
        {zones.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </SelectField>
    </>
  );
}

function Weekdays({ hours, state }: { hours: QuietHours | null; state: FormState }) {
  const t = useTranslations("notifications.quietHours");
  const locale = useLocale();
  const error = fieldError(state, weekdayField(1));
  const { id, "aria-describedby": describedBy } = useControlIds({ error });
  const chosen = (hours ?? proposedHours).weekdays;
  return (
    <fieldset className="grid gap-1.5" aria-describedby={describedBy}>
      <legend className="mb-1.5 text-sm font-medium">{t("weekdays")}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {weekdays.map((weekday) => (
          <TickBox
            key={weekday}
            name={weekdayField(weekday)}
            defaultChecked={isTicked(state, weekdayField(weekday), chosen.includes(weekday))}
            label={formatWeekday(weekday, locale)}
          />
        ))}
      </div>
      <FieldNotes id={id} error={error} />
    </fieldset>
  );
}
