"use client";

import type { ReactNode } from "react";
import type { FormAction } from "#lib/form-state.ts";
import { FormMessage } from "./form-message.tsx";
import { SubmitButton } from "./submit-button.tsx";
import { useFollowedAction } from "./use-followed-action.ts";

/** A quiet button that does one thing, and says why when it does not. Works without a script. */
export function ActionButton({
  action,
  fields,
  label,
  children,
  onDone,
}: {
  action: FormAction;
  fields: Readonly<Record<string, string>>;
  /** Names the button where its text alone would not tell which row it belongs to. */
  label?: string;
  children: ReactNode;
  onDone?: (message: string | null) => void;
}) {
  const [state, dispatch] = useFollowedAction(action, onDone);
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
