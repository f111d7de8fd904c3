"use client";

import { useActionState } from "react";
import { Card } from "#components/ui/card.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/**
 * Where the link of a mail leads: it says what the button does, and does nothing until it is pressed, because programs that
 * look into mails open every link.
 */
export function LinkPage({
  token,
  texts,
  action,
}: {
  token: string;
  texts: { title: string; text: string; action: string };
  /** Null: there is nothing to do (any more). */
  action: FormAction | null;
}) {
  return (
    <Card className="p-5">
      <h1 className="text-xl font-semibold">{texts.title}</h1>
      <p className="mt-1 wrap-anywhere text-dim">{texts.text}</p>
      {action !== null && <LinkForm token={token} label={texts.action} action={action} />}
    </Card>
  );
}

function LinkForm({ token, label, action }: { token: string; label: string; action: FormAction }) {
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch} className="mt-4 grid gap-4">
      <FormMessage state={state} />
      <input type="hidden" name="link" value={token} />
      {state.status !== "done" && (
        <div>
          <SubmitButton>{label}</SubmitButton>
        </div>
      )}
    </form>
  );
}
