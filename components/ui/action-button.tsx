"use client";

import { type ReactNode, useActionState } from "react";
import { type FormAction, type FormState, idleForm } from "#lib/form-state.ts";
import { FormMessage } from "./form-message.tsx";
import { SubmitButton } from "./submit-button.tsx";
import { useFollowedAction } from "./use-followed-action.ts";

type Button = {
  action: FormAction;
  fields: Readonly<Record<string, string>>;
  /** Names the button where its text alone would not tell which row it belongs to. */
  label?: string;
  children: ReactNode;
};

/** A quiet button that does one thing, and says why when it does not. Works without a script. */
export function ActionButton({
  onDone,
  ...button
}: Button & { onDone?: (message: string | null) => void }) {
  if (onDone === undefined) return <Plain {...button} />;
  return <Followed {...button} onDone={onDone} />;
}

function Plain({ action, ...button }: Button) {
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <OneButton
      {...button}
      dispatch={dispatch}
      state={state.status === "refused" ? state : idleForm}
    />
  );
}

function Followed({
  action,
  onDone,
  ...button
}: Button & { onDone: (message: string | null) => void }) {
  const [state, dispatch] = useFollowedAction(action, onDone);
  return <OneButton {...button} dispatch={dispatch} state={state} />;
}

function OneButton({
  fields,
  label,
  children,
  dispatch,
  state,
}: Omit<Button, "action"> & { dispatch: (form: FormData) => void; state: FormState }) {
  return (
    <form action={dispatch} className="grid gap-2">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SubmitButton look="quiet" size="sm" aria-label={label}>
        {children}
      </SubmitButton>
      <FormMessage state={state} />
    </form>
  );
}
