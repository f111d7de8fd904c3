"use client";

import { type ReactNode, useActionState } from "react";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { Card } from "./card.tsx";
import { TextField } from "./field.tsx";
import { FormMessage } from "./form-message.tsx";
import { SubmitButton } from "./submit-button.tsx";

/** Deletes something for good once its name was typed. `field` names it to the action; children say what goes with it. */
export function DeleteForm({
  action,
  field,
  texts,
  children,
}: {
  action: FormAction;
  field: { name: string; value: string };
  texts: { title: string; text: string; action: string; confirm: string };
  children?: ReactNode;
}) {
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <Card className="p-5">
      <h2 className="text-lg font-semibold">{texts.title}</h2>
      <p className="mt-0.5 max-w-prose text-sm text-dim">{texts.text}</p>
      {children !== undefined && <div className="mt-3">{children}</div>}
      <form action={dispatch} className="mt-4 grid max-w-2xl gap-4">
        <input type="hidden" name={field.name} value={field.value} />
        <TextField
          label={texts.confirm}
          name="confirmation"
          required
          autoComplete="off"
          defaultValue={typedValue(state, "confirmation")}
          error={fieldError(state, "confirmation")}
        />
        <FormMessage state={state} />
        <div>
          <SubmitButton look="danger">{texts.action}</SubmitButton>
        </div>
      </form>
    </Card>
  );
}
