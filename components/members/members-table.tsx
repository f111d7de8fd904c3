"use client";

import { useTranslations } from "next-intl";
import { useActionState, useId, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogTrigger } from "#components/ui/dialog.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Select } from "#components/ui/select.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { Cell, HeadCell, Row, Table } from "#components/ui/table.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import type { ChannelRole, Member } from "#lib/members/schema.ts";
import type { RoleActions, RolesPlace } from "./roles-tab.tsx";

/** People with their roles: each role can be changed, several people can be ticked and removed together. */
export function MembersTable({
  place,
  members,
  roles,
  ownId,
  actions,
}: {
  place: RolesPlace;
  members: readonly Member<ChannelRole>[];
  roles: readonly ChannelRole[];
  ownId: string;
  actions: RoleActions;
}) {
  const t = useTranslations("members");
  const [changed, change] = useActionState(actions.change, idleForm);
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
            {members.length === 0 && (
              <tr>
                <Cell colSpan={3} className="text-dim">
                  {t("search.nobody")}
                </Cell>
              </tr>
            )}
            {members.map((member) => (
              <Row key={member.userId}>
                <Cell>
                  <input
                    type="checkbox"
                    className="block size-5 accent-brand"
                    aria-label={t("remove.select", { name: member.name })}
                    checked={chosen.includes(member.userId)}
                    onChange={(event) => tick(member.userId, event.target.checked)}
                  />
                </Cell>
                <Cell>
                  <span className="font-medium">{member.name}</span>
                  {member.userId === ownId && <span className="text-dim"> ({t("you")})</span>}
                  <span className="block text-sm break-all text-dim">{member.email}</span>
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
        <RemoveForm place={place} userIds={chosen} action={actions.remove} />
      </div>
    </>
  );
}

function RoleForm({
  place,
  member,
  roles,
  action,
}: {
  place: RolesPlace;
  member: Member<ChannelRole>;
  roles: readonly ChannelRole[];
  action: (form: FormData) => void;
}) {
  const t = useTranslations("members");
  const [role, setRole] = useState<ChannelRole | null>(null);
  const shown = role ?? member.role;
  return (
    <form
      action={(form) => {
        action(form);
        setRole(null);
      }}
      className="flex flex-wrap items-center gap-2"
    >
      <input type="hidden" name="placeId" value={place.id} />
      <input type="hidden" name="userId" value={member.userId} />
      <input type="hidden" name="seenRole" value={member.role} />
      <Select
        name="role"
        className="min-w-28"
        aria-label={t("change.label", { name: member.name })}
        value={shown}
        onChange={(event) =>
          setRole(roles.find((one) => one === event.target.value) ?? member.role)
        }
      >
        {roles.map((one) => (
          <option key={one} value={one}>
            {t(`roles.${one}`)}
          </option>
        ))}
      </Select>
      {shown !== member.role && (
        <SubmitButton look="quiet" size="sm">
          {t("change.action")}
        </SubmitButton>
      )}
    </form>
  );
}

function RemoveForm({
  place,
  userIds,
  action,
}: {
  place: RolesPlace;
  userIds: readonly string[];
  action: FormAction;
}) {
  const t = useTranslations("members.remove");
  const common = useTranslations("common");
  const formId = useId();
  const [isOpen, setOpen] = useState(false);
  const [state, dispatch] = useActionState<Awaited<ReturnType<FormAction>>, FormData>(
    async (previous, form) => {
      const next = await action(previous, form);
      setOpen(false);
      return next;
    },
    idleForm,
  );
  return (
    <div className="grid gap-3">
      <FormMessage state={state} />
      <Dialog open={isOpen} onOpenChange={setOpen}>
        <DialogTrigger asChild>
          <Button look="danger" disabled={userIds.length === 0} className="justify-self-start">
            {t("action")}
          </Button>
        </DialogTrigger>
        <DialogContent title={t("title")} text={t("text", { count: userIds.length })}>
          <form id={formId} action={dispatch} className="mt-4 flex flex-wrap justify-end gap-2">
            <input type="hidden" name="placeId" value={place.id} />
            {userIds.map((id) => (
              <input key={id} type="hidden" name="userIds" value={id} />
            ))}
            <DialogClose asChild>
              <Button>{common("cancel")}</Button>
            </DialogClose>
            <SubmitButton look="danger">{t("action")}</SubmitButton>
          </form>
        </DialogContent>
      </Dialog>
    </div>
  );
}
