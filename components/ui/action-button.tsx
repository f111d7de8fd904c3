"use client";

import { type ReactNode, useActionState } from "react";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { FormMessage } from "./form-message.tsx";
import { SubmitButton } from "./submit-button.tsx";

/** A quiet button that does one thing, and says why when it does not. */
export function ActionButton({
  action,
  fields,
  label,
  onDone,
  children,
}: {
  action: FormAction;
  fields: Readonly<Record<string, string>>;
  /** Names the button where its text alone would not tell which row it belongs to. */
  label?: string;
  onDone?: (message: string | null) => void;
  children: ReactNode;
}) {
  // The action itself where nothing follows in the browser: then the form also works without a script.
  const run: FormAction =
    onDone === undefined
      ? action
      : async (previous, form) => {
          const next = await action(previous, form);
          if (next.status === "done") onDone(next.message);
          return next;
        };
  const [state, dispatch] = useActionState(run, idleForm);
  return (
    <form action={dispatch} className="grid gap-2">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SubmitButton look="quiet" size="sm" aria-label={label}>
        {children}
      </SubmitButton>
      {state.status === "refused" && <FormMessage state={state} />}
    </form>
  );
}
