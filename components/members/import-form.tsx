"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { CardBody } from "#components/ui/card.tsx";
import { SelectField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { type ChannelRole, peopleListMax } from "#lib/members/schema.ts";
import type { Place } from "#lib/place.ts";

/** Gives people of the provider a role in its channel, at once. */
export function ImportForm({
  place,
  people,
  roles,
  action,
}: {
  place: Place;
  people: readonly { userId: string; name: string; email: string }[];
  roles: readonly ChannelRole[];
  action: FormAction;
}) {
  const t = useTranslations("members");
  const [state, dispatch] = useActionState(action, idleForm);
  const chosen = typedValue(state, "role", "member");
  const error = fieldError(state, "userIds");
  return (
    <CardBody className="grid gap-4">
      <FormMessage state={state} />
      {people.length === 0 ? (
        <p className="text-dim">{t("import.nobody")}</p>
      ) : (
        <form action={dispatch} className="grid gap-4">
          <input type="hidden" name="placeId" value={place.id} />
          <fieldset className="grid gap-1">
            <legend className="mb-1.5 text-sm font-medium">{t("import.people")}</legend>
            {people.length === peopleListMax && (
              <p className="mb-1.5 text-sm text-dim">
                {t("import.most", { count: peopleListMax })}
              </p>
            )}
            {people.map(({ userId, name, email }) => (
              <label key={userId} className="flex items-center gap-3 py-1">
                <input
                  type="checkbox"
                  name="userIds"
                  value={userId}
                  className="size-5 shrink-0 accent-brand"
                />
                <span className="min-w-0">
                  <span className="block font-medium">{name}</span>
                  <span className="block text-sm break-all text-dim">{email}</span>
                </span>
              </label>
            ))}
            {error !== undefined && <p className="text-sm text-bad">{error}</p>}
          </fieldset>
          <div className="flex flex-wrap items-start gap-3">
            <SelectField key={chosen} label={t("role")} name="role" defaultValue={chosen}>
              {roles.map((role) => (
                <option key={role} value={role}>
                  {t(`roles.${role}`)}
                </option>
              ))}
            </SelectField>
            <SubmitButton look="quiet" className="mt-6.5">
              {t("import.action")}
            </SubmitButton>
          </div>
        </form>
      )}
    </CardBody>
  );
}
