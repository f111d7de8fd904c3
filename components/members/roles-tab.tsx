"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { SelectField, TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { type ChannelRole, channelRoles, type Member, providerRoles } from "#lib/members/schema.ts";
import { MembersTable } from "./members-table.tsx";

export type RolesPlace = { kind: "channel" | "provider"; id: string };
export type RoleActions = { add: FormAction; change: FormAction; remove: FormAction };

/** The Roles tab of a channel or a provider. */
export function RolesTab({
  place,
  members,
  ownId,
  actions,
}: {
  place: RolesPlace;
  members: readonly Member<ChannelRole>[];
  ownId: string;
  actions: RoleActions;
}) {
  const t = useTranslations("members");
  const roles = place.kind === "channel" ? channelRoles : providerRoles;
  return (
    <div className="grid grid-cols-1 gap-5">
      <Card>
        <CardHeader
          title={t("title")}
          text={t(place.kind === "channel" ? "channelText" : "providerText")}
        />
        <MembersTable
          place={place}
          members={members}
          roles={roles}
          ownId={ownId}
          actions={actions}
        />
      </Card>
      <Card>
        <CardHeader title={t("add.title")} text={t("add.text")} />
        <CardBody>
          <AddForm place={place} roles={roles} action={actions.add} />
        </CardBody>
      </Card>
    </div>
  );
}

function AddForm({
  place,
  roles,
  action,
}: {
  place: RolesPlace;
  roles: readonly ChannelRole[];
  action: FormAction;
}) {
  const t = useTranslations("members");
  const [state, dispatch] = useActionState(action, idleForm);
  const chosen = typedValue(state, "role", "member");
  return (
    <form action={dispatch} className="grid gap-4">
      <FormMessage state={state} />
      <input type="hidden" name="placeId" value={place.id} />
      <div className="flex flex-wrap items-start gap-3">
        <TextField
          className="min-w-0 grow basis-64"
          label={t("add.email")}
          name="email"
          type="email"
          required
          maxLength={254}
          defaultValue={typedValue(state, "email")}
          error={fieldError(state, "email")}
        />
        <SelectField key={chosen} label={t("role")} name="role" defaultValue={chosen}>
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(`roles.${role}`)}
            </option>
          ))}
        </SelectField>
        <SubmitButton className="mt-6.5">{t("add.action")}</SubmitButton>
      </div>
    </form>
  );
}
