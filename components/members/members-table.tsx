"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState, useId, useState } from "react";
import { useFormStatus } from "react-dom";
import { Badge } from "#components/ui/badge.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Select } from "#components/ui/select.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { Cell, HeadCell, Row, Table } from "#components/ui/table.tsx";
import { WithoutScript } from "#components/ui/without-script.tsx";
import { idleForm } from "#lib/form-state.ts";
import { type ChannelRole, type Member, peopleListMax } from "#lib/members/schema.ts";
import type { Place } from "#lib/place.ts";
import { RemoveForm } from "./remove-form.tsx";
import type { RoleActions } from "./roles.ts";

/** People with their roles: each role can be changed, several people can be ticked and removed together. */
export function MembersTable({
  place,
  members,
  roles,
  ownId,
  actions,
}: {
  place: Place;
  members: readonly Member<ChannelRole>[];
  roles: readonly ChannelRole[];
  ownId: string;
  actions: RoleActions;
}) {
  const t = useTranslations("members");
  const [changed, change] = useActionState(actions.change, idleForm);
  const plainForm = useId();
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const chosen = ticked.filter((id) => members.some((member) => member.userId === id));
  const tick = (id: string, on: boolean) =>
    setTicked((before) => (on ? [...before, id] : before.filter((one) => one !== id)));
  return (
    <>
      {changed.status !== "idle" && changed.message !== null && (
        <div className="px-5 pb-3">
          <FormMessage state={changed} />
        </div>
      )}
      <div className="border-t">
        <Table>
          <thead>
            <tr>
              <HeadCell className="w-0">
                <span className="sr-only">{t("remove.action")}</span>
              </HeadCell>
              <HeadCell>{t("person")}</HeadCell>
              <HeadCell>{t("role")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {members.length === 0 && <NoteRow>{t("search.nobody")}</NoteRow>}
            {members.length === peopleListMax && (
              <NoteRow>{t("shownMost", { count: peopleListMax })}</NoteRow>
            )}
            {members.map((member) => (
              <Row key={member.userId}>
                <Cell>
                  <input
                    type="checkbox"
                    name="userIds"
                    value={member.userId}
                    form={plainForm}
                    className="block size-5 accent-brand"
                    aria-label={t("remove.select", { name: member.name })}
                    checked={chosen.includes(member.userId)}
                    onChange={(event) => tick(member.userId, event.target.checked)}
                  />
                </Cell>
                <Cell>
                  <Person member={member} isSelf={member.userId === ownId} />
                </Cell>
                <Cell>
                  <RoleForm place={place} member={member} roles={roles} action={change} />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
      <div className="border-t px-5 py-3">
        <RemoveForm
          place={place}
          people={members.filter(({ userId }) => chosen.includes(userId))}
          action={actions.remove}
          plainForm={plainForm}
        />
      </div>
    </>
  );
}

function NoteRow({ children }: { children: ReactNode }) {
  return (
    <tr>
      <Cell colSpan={3} className="text-dim">
        {children}
      </Cell>
    </tr>
  );
}

function Person({ member, isSelf }: { member: Member<ChannelRole>; isSelf: boolean }) {
  const t = useTranslations("members");
  return (
    <>
      <span className="font-medium">{member.name}</span>
      {isSelf && <span className="text-dim"> ({t("you")})</span>}
      {member.isDisabled && (
        <Badge tone="warn" className="ml-2">
          {t("disabled")}
        </Badge>
      )}
      <span className="block text-sm break-all text-dim">{member.email}</span>
    </>
  );
}

function RoleForm({
  place,
  member,
  roles,
  action,
}: {
  place: Place;
  member: Member<ChannelRole>;
  roles: readonly ChannelRole[];
  action: (form: FormData) => void;
}) {
  return (
    <form action={action} className="flex flex-wrap items-center gap-2">
      <input type="hidden" name="placeId" value={place.id} />
      <input type="hidden" name="userId" value={member.userId} />
      <input type="hidden" name="seenRole" value={member.role} />
      <RoleChoice member={member} roles={roles} />
    </form>
  );
}

/** The button comes with a choice, and stands there from the beginning where no script could bring it. */
function RoleChoice({
  member,
  roles,
}: {
  member: Member<ChannelRole>;
  roles: readonly ChannelRole[];
}) {
  const t = useTranslations("members.change");
  const names = useTranslations("members.roles");
  const [role, setRole] = useState<ChannelRole | null>(null);
  const { pending } = useFormStatus();
  const [wasPending, setWasPending] = useState(pending);
  // Once it is answered the list shows what is so.
  if (pending !== wasPending) {
    setWasPending(pending);
    if (!pending) setRole(null);
  }
  const shown = role ?? member.role;
  const submit = (
    <SubmitButton look="quiet" size="sm">
      {t("action")}
    </SubmitButton>
  );
  return (
    <>
      <Select
        name="role"
        className="min-w-28"
        aria-label={t("label", { name: member.name })}
        value={shown}
        onChange={(event) =>
          setRole(roles.find((one) => one === event.target.value) ?? member.role)
        }
      >
        {roles.map((one) => (
          <option key={one} value={one}>
            {names(one)}
          </option>
        ))}
      </Select>
      {shown === member.role ? <WithoutScript>{submit}</WithoutScript> : submit}
    </>
  );
}
