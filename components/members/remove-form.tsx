"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogTrigger } from "#components/ui/dialog.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { WithoutScript } from "#components/ui/without-script.tsx";
import { type FormAction, fieldError, idleForm } from "#lib/form-state.ts";
import type { Place } from "#lib/place.ts";

type Person = { userId: string; name: string; email: string };

/** Takes the roles of those who are ticked, after naming them. Without a script the boxes belong to `plainForm`. */
export function RemoveForm({
  place,
  people,
  action,
  plainForm,
}: {
  place: Place;
  people: readonly Person[];
  action: FormAction;
  plainForm: string;
}) {
  const t = useTranslations("members.remove");
  const common = useTranslations("common");
  const [isOpen, setOpen] = useState(false);
  const [state, dispatch] = useActionState<Awaited<ReturnType<FormAction>>, FormData>(
    async (previous, form) => {
      const next = await action(previous, form);
      setOpen(false);
      return next;
    },
    idleForm,
  );
  const [plainState, plain] = useActionState(action, idleForm);
  const error = fieldError(plainState, "userIds");
  return (
    <div className="grid gap-3">
      <FormMessage state={state} />
      <FormMessage state={plainState} />
      {error !== undefined && <p className="text-sm text-bad">{error}</p>}
      <Dialog open={isOpen} onOpenChange={setOpen}>
        <DialogTrigger asChild>
          <Button
            look="danger"
            disabled={people.length === 0}
            className="justify-self-start noscript:hidden"
          >
            {t("action")}
          </Button>
        </DialogTrigger>
        <DialogContent title={t("title")} text={t("text", { count: people.length })}>
          <ul className="mt-3 max-h-64 list-disc overflow-y-auto pl-5">
            {people.map(({ userId, name, email }) => (
              <li key={userId} className="wrap-anywhere">
                {name} <span className="text-sm text-dim">{email}</span>
              </li>
            ))}
          </ul>
          <form action={dispatch} className="mt-4 grid gap-4">
            <Fields place={place}>
              {people.map(({ userId }) => (
                <input key={userId} type="hidden" name="userIds" value={userId} />
              ))}
            </Fields>
            <div className="flex flex-wrap justify-end gap-2">
              <DialogClose asChild>
                <Button>{common("cancel")}</Button>
              </DialogClose>
              <SubmitButton look="danger">{t("action")}</SubmitButton>
            </div>
          </form>
        </DialogContent>
      </Dialog>
      <WithoutScript>
        <form id={plainForm} action={plain} className="grid justify-items-start gap-3">
          <Fields place={place} />
          <SubmitButton look="danger">{t("action")}</SubmitButton>
        </form>
      </WithoutScript>
    </div>
  );
}

/** Who is removed from a provider may be removed from its channels with it. */
function Fields({ place, children }: { place: Place; children?: ReactNode }) {
  const t = useTranslations("members.remove");
  return (
    <>
      <input type="hidden" name="placeId" value={place.id} />
      {children}
      {place.kind === "provider" && (
        <label className="flex items-start gap-3">
          <input
            type="checkbox"
            name="fromChannels"
            className="mt-0.5 size-5 shrink-0 accent-brand"
          />
          {t("fromChannels")}
        </label>
      )}
    </>
  );
}
