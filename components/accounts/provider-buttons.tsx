"use client";

import { useActionState } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { SignInProvider } from "#lib/accounts/schema.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** A button for each configured provider. */
export function ProviderButtons({
  providers,
  action,
  next,
  or,
}: {
  providers: readonly (SignInProvider & { label: string })[];
  action: FormAction;
  next: string;
  /** Between the password's form and these. */
  or: string;
}) {
  const [state, dispatch] = useActionState(action, idleForm);
  if (providers.length === 0) return null;
  return (
    <div className="grid gap-3">
      <p className="flex items-center gap-3 text-sm text-dim before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
        {or}
      </p>
      <FormMessage state={state} />
      {providers.map((provider) => (
        <form key={provider.id} action={dispatch}>
          <input type="hidden" name="provider" value={provider.id} />
          <input type="hidden" name="next" value={next} />
          <SubmitButton look="quiet" className="w-full">
            {provider.label}
          </SubmitButton>
        </form>
      ))}
    </div>
  );
}
