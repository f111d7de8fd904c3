"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { TickBox } from "#components/ui/tick-box.tsx";
import { useHasScript } from "#components/ui/use-has-script.ts";
import { type FormAction, type FormState, idleForm } from "#lib/form-state.ts";
import { type RecipientEntry, wishableTypes } from "#lib/notifications/preference-form.ts";

/** What was ticked when the form was sent last: React sets a form back to its defaults after its action. */
type Sent = { state: FormState; types: readonly string[]; weekly: boolean };

/** What one address gets. When it was refused because nobody would be left, a box appears that says so. */
export function PreferenceFields({
  channelId,
  recipient,
  action,
}: {
  channelId: string;
  recipient: RecipientEntry;
  action: FormAction;
}) {
  const t = useTranslations("notifications.recipients");
  const typeNames = useTranslations("mails.types");
  const hasScript = useHasScript();
  const [{ state: followed, types, weekly }, dispatch] = useActionState<Sent, FormData>(
    async (before, form) => ({
      state: await action(before.state, form),
      types: form.getAll("types").map(String),
      weekly: form.has("weekly"),
    }),
    { state: idleForm, ...wanted(recipient) },
  );
  // Without a script the form goes to the action itself.
  const [plain, post] = useActionState(action, idleForm);
  const state = followed.status === "idle" ? plain : followed;
  return (
    <form action={hasScript ? dispatch : post} className="grid gap-3">
      <input type="hidden" name="channelId" value={channelId} />
      <input type="hidden" name="whose" value={recipient.whose} />
      <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
        <legend className="sr-only">{t("mailsTo", { address: recipient.address })}</legend>
        {wishableTypes.map((type) => (
          <TickBox
            key={type}
            name="types"
            value={type}
            defaultChecked={types.includes(type)}
            label={typeNames(type)}
          />
        ))}
        <TickBox name="weekly" defaultChecked={weekly} label={t("weeklyBox")} />
        {state.status === "refused" && <TickBox name="confirmed" label={t("lastBox")} />}
      </fieldset>
      <FormMessage state={state} />
      <div>
        <SubmitButton look="quiet" size="sm">
          {t("save")}
        </SubmitButton>
      </div>
    </form>
  );
}

function wanted({ isUnsubscribed, mutedTypes, weekly }: RecipientEntry): Omit<Sent, "state"> {
  if (isUnsubscribed) return { types: [], weekly: false };
  return { types: wishableTypes.filter((type) => !mutedTypes.includes(type)), weekly };
}
