"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Card } from "#components/ui/card.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { providerNameLengthMax } from "#lib/providers/schema.ts";

/** Creates a provider, or renames the one given. */
export function ProviderForm({
  kind,
  action,
  provider,
}: {
  kind: "create" | "rename";
  action: FormAction;
  provider?: { id: string; name: string; version: number };
}) {
  const t = useTranslations("providers");
  const common = useTranslations("common");
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <Card className="p-5">
      <form action={dispatch} className="grid max-w-2xl gap-4">
        {provider !== undefined && (
          <>
            <input type="hidden" name="providerId" value={provider.id} />
            <input type="hidden" name="version" value={provider.version} />
          </>
        )}
        <TextField
          label={t("name")}
          name="name"
          required
          maxLength={providerNameLengthMax}
          defaultValue={typedValue(state, "name", provider?.name)}
          error={fieldError(state, "name")}
        />
        <FormMessage state={state} />
        <div>
          <SubmitButton>{common(kind === "create" ? "create" : "save")}</SubmitButton>
        </div>
      </form>
    </Card>
  );
}
