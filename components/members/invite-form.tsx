"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { CardBody } from "#components/ui/card.tsx";
import { SelectField, TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import type { Place } from "#lib/place.ts";

/** Offers a role by mail, to people with and without an account. `place` null: an account alone. */
export function InviteForm({
  place,
  roles,
  action,
}: {
  place: Place | null;
  roles: readonly ChannelRole[];
  action: FormAction;
}) {
  const t = useTranslations("members");
  const [state, dispatch] = useActionState(action, idleForm);
  const chosen = typedValue(state, "role", "member");
  return (
    <CardBody>
      <form action={dispatch} className="grid gap-4">
        <FormMessage state={state} />
        {place !== null && <input type="hidden" name="placeId" value={place.id} />}
        <div className="flex flex-wrap items-start gap-3">
          <TextField
            className="min-w-0 grow basis-64"
            label={t("invite.email")}
            name="email"
            type="email"
            autoComplete="off"
            required
            maxLength={254}
            defaultValue={typedValue(state, "email")}
            error={fieldError(state, "email")}
          />
          {roles.length > 0 && (
            // A list keeps its first choice unless it is made anew.
            <SelectField key={chosen} label={t("role")} name="role" defaultValue={chosen}>
              {roles.map((role) => (
                <option key={role} value={role}>
                  {t(`roles.${role}`)}
                </option>
              ))}
            </SelectField>
          )}
          <SubmitButton className="mt-6.5">{t("invite.action")}</SubmitButton>
        </div>
      </form>
    </CardBody>
  );
}
